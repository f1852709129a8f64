import assert from 'node:assert/strict';
import { test } from 'node:test';
import { focused, openMenu, press } from './keyboard.mjs';
import { setting } from './setting.mjs';

const here = setting();

test('the whole story can be told with the keyboard alone', async () => {
  const person = await here.arrive();
  const { page, oathbook } = { ...here, page: person.page };
  const keys = page.keyboard;
  const link = (name, within = page) => within.getByRole('link', { name, exact: true });
  const button = (name, within = page) => within.getByRole('button', { name, exact: true });

  await person.visit('/sign-in');
  await focused(page.getByLabel('User name', { exact: true }));
  await keys.type(oathbook.username);
  await keys.press('Tab');
  await keys.type(oathbook.password);
  await keys.press('Enter');

  await press(page, person.userMenu);
  await press(page, link('My User'));
  await person.seesHeading('My User');

  await press(page, link('Add Application'));
  const form = person.form('Create OAuth Application');
  await focused(form.getByLabel('Application Name', { exact: true }));
  await keys.type('By hand');
  await keys.press('Enter');

  const result = person.form('OAuth application has been created.');
  await result.waitFor();
  const credentials = await person.readCredentials(result);
  await press(page, button('Copy Client Secret', result));
  await button('Copied Client Secret', result).waitFor();
  await press(page, link('Close', result));
  await result.waitFor({ state: 'hidden' });

  const more = page.getByLabel('More Options for By hand', { exact: true });
  await press(page, more);
  await press(page, link('Edit'));
  const edit = person.form('Edit OAuth Application');
  await edit.waitFor();
  await keys.press('Escape');
  await edit.waitFor({ state: 'hidden' });

  await openMenu(page, more);
  await press(page, link('Deactivate'));
  await press(page, button('Yes, do it'));
  await person.sees('Deactivated successfully');
  assert.equal((await oathbook.requestToken(credentials)).status, 401);

  await openMenu(page, more);
  await press(page, button('Activate'));
  await person.sees('Activated successfully');
  assert.equal((await oathbook.requestToken(credentials)).status, 200);

  await openMenu(page, more);
  await press(page, link('Delete'));
  await focused(page.getByLabel('To delete it, enter its name'));
  await keys.type('By hand');
  await keys.press('Enter');
  await person.sees('Deleted successfully');
  await person.leave();
});
