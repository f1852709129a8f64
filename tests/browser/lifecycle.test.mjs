import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const here = setting();

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${how}, everything said about an application is edited and told`, async () => {
    const person = await here.arrive({ javaScriptEnabled });
    const { id } = await here.oathbook.createApplication(`Edited ${how}`);
    await person.signIn();
    await open(person, id, `Edited ${how}`);
    await person.page.getByRole('link', { name: 'Edit', exact: true }).click();
    const form = person.form('Edit OAuth Application');
    await form.getByLabel('Description').fill('Fetches orders.\nEvery night.');
    await form.getByLabel('Contact address').fill('nobody');
    await form.getByLabel('Homepage URL').fill('https://sync.acme.example/');
    await form.getByLabel('applications:read').check();
    await person.save(form);
    await person.sees('This value is not a valid email address.', form);
    assert.equal(await form.getByLabel('Description').inputValue(), 'Fetches orders.\nEvery night.');
    assert.equal(await form.getByLabel('applications:read').isChecked(), true);
    await form.getByLabel('Contact address').fill('team@acme.example');
    await person.saveAs(form, `Named ${how}`);
    await person.seesHeading(`Named ${how}`);
    await person.sees('Saved successfully');
    await person.page.getByRole('link', { name: 'team@acme.example' }).waitFor();
    const [changed, renamed] = await person.told();
    assert.match(changed, /changed several things:$/);
    assert.match(renamed, new RegExp(`renamed “Edited ${how}” → “Named ${how}”$`));
    await person.sees('set the description to “Fetches orders. Every night.”');
    await person.sees('added the scope applications:read');
    await person.leave();
  });

  test(`${how}, a deleted application is restored under another name`, async () => {
    const name = `Deleted ${how}`;
    const person = await here.arrive({ javaScriptEnabled });
    const application = await here.oathbook.createUsedApplication(name);
    await person.signIn();
    await open(person, application.id, name);
    await person.more('Delete');
    const confirmation = person.form('Delete Confirmation');
    await eventually('the use of today is told', async () => {
      await person.visit(`/applications/${application.id}/delete`);
      return /It was used \S+( times)? today/.test(await person.page.getByRole('main').innerText());
    });
    await open(person, application.id, name);
    await person.more('Delete');
    await person.confirmDeletion(confirmation, 'Another');
    await person.sees('This is not the name of the application.', confirmation);
    await person.confirmDeletion(confirmation, name);
    await person.sees('Deleted successfully');
    await refused(application);

    await here.oathbook.createApplication(name);
    await person.visit('/applications/deleted');
    await person.page.getByRole('link', { name: `Restore ${name}`, exact: true }).click();
    const form = person.form('Restore OAuth Application');
    await form.getByRole('button', { name: 'Restore', exact: true }).click();
    await person.sees('The application with the given name already exists. Choose another name.', form);
    await form.getByLabel('Application Name').fill(`${name}, restored`);
    await form.getByRole('button', { name: 'Restore', exact: true }).click();
    await person.sees(/^Restored successfully/);
    await open(person, application.id, `${name}, restored`);
    await person.page.getByRole('button', { name: 'Activate', exact: true }).click();
    await person.sees('Activated successfully');
    await eventually('it gets tokens again', async () => {
      return (await here.oathbook.requestToken(application)).status === 200;
    });
    const told = await person.told();
    assert.match(told[0], /activated$/);
    assert.match(told[1], /restored “Deleted .*” as “Deleted .*, restored”$/);
    assert.match(told[2], /deleted$/);
    await person.leave();
  });

  test(`${how}, an application is given to a colleague who has none of its name`, async () => {
    const name = `Transferred ${how}`;
    const colleague = javaScriptEnabled ? 'grace' : 'mary';
    const person = await here.arrive({ javaScriptEnabled });
    const { id } = await here.oathbook.createApplication(name);
    await here.oathbook.createUser(colleague);
    const others = ['--owner', colleague, '--organization', here.oathbook.organization];
    await here.oathbook.run('applications', 'create', ...others, '--name', name);
    await person.signIn();
    await open(person, id, name);
    await person.more('Transfer');
    const form = person.form('Transfer OAuth Application');
    await form.getByLabel('Owner').selectOption({ label: `${colleague} Muster (${colleague})` });
    await form.getByRole('button', { name: 'Transfer', exact: true }).click();
    await person.sees(`${colleague} Muster has an application of that name already. Rename this one first.`, form);
    await here.oathbook.run('applications', 'rename', id, `${name} at last`);
    await form.getByRole('button', { name: 'Transfer', exact: true }).click();
    await person.sees('Transferred successfully');
    await person.seesHeading(`${name} at last`);
    assert.match((await person.told())[0], new RegExp(`transferred it from .* to ${colleague} Muster$`));
    await person.leave();
  });
}

test('the secret is not lost by a look at the application', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const result = await person.addApplication('Looked at');
  await result.getByRole('link', { name: 'View', exact: true }).click();
  await person.sees(/^Client Secret has not been copied\./, result);
  const question = result.getByRole('alert');
  await question.getByRole('button', { name: 'Copy Client Secret', exact: true }).click();
  await question.waitFor({ state: 'hidden' });
  await result.getByRole('link', { name: 'View', exact: true }).click();
  await person.seesHeading('Looked at');
  await person.leave();
});

/** The command line made it: the server learns of it a moment later. */
async function open(person, id, name) {
  await eventually('the server knows the application', async () => {
    await person.visit(`/applications/${id}`);
    return person.page.getByRole('heading', { name, exact: true }).isVisible();
  });
}

async function refused(application) {
  const { status } = await here.oathbook.requestToken(application);
  assert.equal(status, 401);
}
