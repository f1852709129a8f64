import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const here = setting();

test('with scripts, an application lives from its creation to its deletion', async (t) => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const credentials = {};

  await t.test('its credentials are copied from the dialog that shows them once', async () => {
    const result = await person.addApplication('Warehouse sync');
    await person.sees(/^Please copy Client Secret and save it somewhere safe/, result);
    credentials.clientId = await person.copy(result, 'Client ID');
    credentials.clientSecret = await person.copy(result, 'Client Secret');
    assert.deepEqual(credentials, await person.readCredentials(result));
    assert.match(credentials.clientId, /^[A-Za-z0-9]{32}$/);
    assert.match(credentials.clientSecret, /^oab_[A-Za-z0-9]{49}$/);

    await person.close(result);
    assert.equal((await person.page.content()).includes(credentials.clientSecret), false);
  });

  await live(person, 'Warehouse sync', credentials, t);
  await person.leave();
});

test('without scripts, an application lives from its creation to its deletion', async (t) => {
  const person = await here.arrive({ javaScriptEnabled: false });
  await person.signIn();
  await person.openMyUser();

  const result = await person.addApplication('Nightly export');
  const credentials = await person.readCredentials(result);
  await person.close(result);

  await live(person, 'Nightly export', credentials, t);
  await person.leave();
});

test('an application from the command line is never used until its first token', async () => {
  const person = await here.arrive();
  const application = await here.oathbook.createApplication('From the command line');
  await person.signIn();
  await person.openMyUser();
  await eventually('the application is in the grid', async () => {
    await person.page.reload();
    return person.row('From the command line').isVisible();
  });
  assert.equal(await person.cell('From the command line', 'Last Used').innerText(), 'Never');

  await eventually('it gets a token', async () => {
    return (await here.oathbook.requestToken(application)).status === 200;
  });
  await showsLastUse(person, 'From the command line');
  await person.leave();
});

/** The life of an application after its creation, which is the same with and without scripts. */
async function live(person, name, credentials, t) {
  const { oathbook } = here;
  const renamed = `${name}, renamed`;

  await t.test('it is in the grid, active', async () => {
    assert.equal(await person.cell(name, 'Client ID').innerText(), credentials.clientId);
    assert.equal(await person.cell(name, 'Status').innerText(), 'Active');
  });

  await t.test('its credentials get a token', () => grants(credentials));

  await t.test('the grid says when it was last used', () => showsLastUse(person, name));

  await t.test('it cannot be renamed to nothing', async () => {
    const form = await person.openEditForm(name);
    assert.equal(await form.getByLabel('Client ID').inputValue(), credentials.clientId);
    await person.saveAs(form, '  ');
    await person.sees('This value should not be blank.', form);
  });

  await t.test('it cannot take the name of another, and the mistake can be mended', async () => {
    const other = `${name}, the other`;
    await oathbook.createApplication(other);
    const form = person.form('Edit OAuth Application');
    await person.saveAs(form, other);
    await person.sees('The application with the given name already exists.', form);
    await person.saveAs(form, renamed);
    await person.sees('Saved successfully');
    await person.row(renamed).waitFor();
    assert.equal(await person.row(name).count(), 0);
  });

  await t.test('deactivated, it gets no token', async () => {
    await person.deactivate(renamed);
    assert.match(await person.cell(renamed, 'Status').innerText(), /^Inactive/);
    await refuses(credentials);
  });

  await t.test('activated again, it gets tokens again', async () => {
    await person.activate(renamed);
    assert.equal(await person.cell(renamed, 'Status').innerText(), 'Active');
    await grants(credentials);
  });

  await t.test('deleted, it gets no token and is gone from the grid', async () => {
    await person.delete(renamed);
    await person.row(renamed).waitFor({ state: 'detached' });
    await refuses(credentials);
  });
}

async function showsLastUse(person, name) {
  await eventually('Last used is shown', async () => {
    await person.page.reload();
    return (await person.cell(name, 'Last Used').innerText()) !== 'Never';
  });
}

async function grants(credentials) {
  const { status, body } = await here.oathbook.requestToken(credentials);
  assert.equal(status, 200);
  assert.equal(body.token_type, 'Bearer');
  assert.match(body.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
}

async function refuses(credentials) {
  const { status, body } = await here.oathbook.requestToken(credentials);
  assert.equal(status, 401);
  assert.equal(body.error, 'invalid_client');
}
