import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setting } from './setting.mjs';

const here = setting();
const CHOSEN = 'seven purple elephants dancing';

test('somebody is invited, chooses a password by the link in the letter, and works', async () => {
  const administrator = await here.arrive();
  await administrator.signIn();
  await administrator.page.getByRole('link', { name: 'Users', exact: true }).click();
  await administrator.page.getByRole('link', { name: 'Invite user' }).click();
  const form = administrator.form('Invite user');
  await form.getByLabel('User name', { exact: true }).fill('zoe');
  await form.getByLabel('Display name', { exact: true }).fill('Zoe Zimmer');
  await form.getByLabel('E-mail', { exact: true }).fill('zoe@acme.example');
  await form.getByLabel('Role', { exact: true }).selectOption('manager');
  await form.getByRole('button', { name: 'Send invitation' }).click();
  await administrator.sees('A letter with a link to choose a password is on its way.');
  await administrator.row('Zoe Zimmer').getByText('Invited', { exact: true }).waitFor();

  const link = await here.oathbook.invitationFor('zoe@acme.example');
  const zoe = await here.arrive();
  await zoe.page.goto(link);
  await zoe.seesHeading('Choose a password');
  await zoe.page.getByLabel('Password', { exact: true }).fill('zoe zimmer zoe');
  await zoe.page.getByRole('button', { name: 'Save and sign in' }).click();
  await zoe.sees(/^This password is too easy to guess\./);
  await zoe.page.getByLabel('Password', { exact: true }).fill(CHOSEN);
  await zoe.page.getByRole('button', { name: 'Save and sign in' }).click();
  await zoe.seesHeading('My User');
  await zoe.sees('Your password has been saved. Welcome.');

  const late = await here.arrive();
  await late.page.goto(link);
  await late.seesHeading('This link has been used');
  for (const person of [administrator, zoe, late]) await person.leave();
});

test('who changes the password stays signed in here and nowhere else', async () => {
  const me = await here.arrive();
  const elsewhere = await here.arrive();
  await me.signIn();
  await elsewhere.signIn();

  await me.userMenu.click();
  await me.page.getByRole('link', { name: 'Change password' }).click();
  const form = me.form('Change password');
  await form.getByLabel('Current password', { exact: true }).fill('not the password');
  await form.getByLabel('New password', { exact: true }).fill(CHOSEN);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await me.sees('This is not your current password.', form);
  await form.getByLabel('Current password', { exact: true }).fill(here.oathbook.password);
  await form.getByLabel('New password', { exact: true }).fill(CHOSEN);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await me.sees('Your password has been changed, and your other sessions have ended.');
  here.oathbook.password = CHOSEN;

  await elsewhere.visit('/me');
  await elsewhere.seesHeading('Sign in');
  for (const person of [me, elsewhere]) await person.leave();
});

test('sessions are listed, ended one by one, and all at once', async () => {
  const me = await here.arrive();
  const elsewhere = await here.arrive({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0' });
  await me.signIn();
  await elsewhere.signIn();

  await me.userMenu.click();
  await me.page.getByRole('link', { name: 'Sessions' }).click();
  await me.seesHeading('Sessions');
  const other = me.page.getByRole('row').filter({ hasText: 'Firefox on Windows' });
  await other.getByRole('button', { name: /^End/ }).click();
  await me.sees('The session has ended.');
  assert.equal(await other.count(), 0);
  await elsewhere.visit('/me');
  await elsewhere.seesHeading('Sign in');

  await me.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await me.seesHeading('Sign in');
  await me.sees('You are signed out everywhere.');
  for (const person of [me, elsewhere]) await person.leave();
});

test('without scripts, a member is added, changed and removed', async () => {
  await here.oathbook.run('users', 'create', 'max', '--email', 'max@acme.example', '--display-name', 'Max Muster');
  const person = await here.arrive({ javaScriptEnabled: false });
  await person.signIn();
  await person.visit(`/organizations/${here.oathbook.organization}`);
  await person.page.getByRole('link', { name: 'Add member' }).click();
  await person.page.getByLabel('User name', { exact: true }).fill('max');
  await person.page.getByRole('button', { name: 'Add', exact: true }).click();
  await person.sees('The member has been added.');
  await (await person.option('Max Muster', 'Change role')).click();
  await person.page.getByLabel('Role', { exact: true }).selectOption('auditor');
  await person.page.getByRole('button', { name: 'Save', exact: true }).click();
  assert.equal(await person.cell('Max Muster', 'Role').innerText(), 'Auditor');
  await (await person.option('Max Muster', 'Remove')).click();
  await person.form('Remove member').getByRole('button', { name: 'Remove', exact: true }).click();
  await person.sees('The membership has ended.');
  await person.leave();
});
