import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setting } from './setting.mjs';

const here = setting();

test('a mistake in the create form is told at the field and mended in place', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const form = await person.openCreateForm();

  await person.saveAs(form, '');
  await person.sees('This value should not be blank.', form);
  await person.saveAs(form, 'x'.repeat(256));
  await person.sees('This value is too long. It should have 255 characters or less.', form);
  await person.saveAs(form, 'Exactly once');
  const result = person.form('OAuth application has been created.');
  await person.copy(result, 'Client Secret');
  await person.close(result);

  await person.row('Exactly once').waitFor();
  assert.deepEqual(await person.names(), ['Exactly once']);
  await person.leave();
});

test('an application created inactive says so and gets no token', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const form = await person.openCreateForm();
  await form.getByLabel('Active', { exact: true }).uncheck();
  await person.saveAs(form, 'Not yet');
  const result = person.form('OAuth application has been created.');
  const credentials = await person.readCredentials(result);
  await person.copy(result, 'Client Secret');
  await person.close(result);

  assert.match(await person.cell('Not yet', 'Status').innerText(), /^Inactive/);
  assert.equal((await here.oathbook.requestToken(credentials)).status, 401);
  await person.leave();
});

test('a secret nobody copied is not closed away without a question', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const result = await person.addApplication('Hasty');

  await result.getByRole('link', { name: 'Close', exact: true }).click();
  await person.sees(/^Client Secret has not been copied\./, result);
  await result.getByRole('link', { name: 'Close without copying' }).click();
  await result.waitFor({ state: 'hidden' });
  await person.row('Hasty').waitFor();
  await person.leave();
});

test('cancelling a confirmation changes nothing', async () => {
  const person = await here.arrive();
  const application = await here.oathbook.createUsedApplication('Spared');
  await person.signIn();
  await person.openMyUser();

  for (const [entry, title] of [
    ['Deactivate', 'Deactivate Confirmation'],
    ['Delete', 'Delete Confirmation'],
  ]) {
    await (await person.option('Spared', entry)).click();
    const confirmation = person.form(title);
    await confirmation.getByRole('link', { name: 'Cancel' }).click();
    await confirmation.waitFor({ state: 'hidden' });
  }

  assert.equal((await here.oathbook.requestToken(application)).status, 200);
  await person.leave();
});

test('what people write is shown as they wrote it, never run', async () => {
  const name = `<img src=x onerror="document.title='run'"> & “Łódź” 🔑`;
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  const result = await person.addApplication(name);
  await person.copy(result, 'Client Secret');
  await person.close(result);

  await person.row(name).waitFor();
  assert.notEqual(await person.page.title(), 'run');
  await person.leave();
});
