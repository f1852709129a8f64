// Notification rules: who is told, seen before it is saved, and letters that then arrive.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const here = setting(async (oathbook) => {
  await oathbook.createUser('grace', 'administrator');
  await oathbook.createApplication('Warehouse sync');
});

async function openRules(person) {
  await person.page.getByRole('link', { name: 'Emails', exact: true }).click();
  await person.seesHeading('Notification Rules');
}

async function openNewRule(person) {
  await openRules(person);
  await person.page.getByRole('link', { name: 'Add Rule', exact: true }).click();
  await person.seesHeading('Create Notification Rule');
}

/** The rows of the preview: what it is about, and who. */
async function previewed({ page }) {
  const rows = page.locator('#preview .timeline > li');
  return Promise.all((await rows.all()).map(async (row) => [
    await row.locator('p').innerText(),
    ...(await row.locator('ul li').allInnerTexts()),
  ]));
}

async function fill({ page }, name, address) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Application Name').fill('SYNC');
  await page.getByLabel('Administrators').check();
  await page.getByLabel('Addresses').fill(address);
}

async function press({ page }, name) {
  await page.getByRole('button', { name, exact: true }).click();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const name = `Tell the warehouse ${how}`;
  const address = `warehouse-${javaScriptEnabled}@acme.example`;

  test(`a rule is previewed and saved, and its letter arrives, ${how}`, async () => {
    const person = await here.arrive({ javaScriptEnabled });
    await person.signIn();
    await openNewRule(person);
    await fill(person, name, address);
    await person.page.getByLabel('On tells').uncheck();
    await press(person, 'Preview');
    await person.sees(/^It would have told of/);
    assert.deepEqual((await previewed(person)).at(-1), ['Warehouse sync', 'Administrator', 'grace Muster', 'w…@acme.example']);
    assert.equal(await person.page.getByLabel('Name', { exact: true }).inputValue(), name, 'the form is as it was');

    await press(person, 'Save');
    await person.sees('Saved successfully');
    await person.seesHeading('Notification Rules');
    assert.match(await person.cell(name, 'State').innerText(), /^Off/);
    assert.match(await person.cell(name, 'Recipients').innerText(), /w…@acme\.example/);

    await press(person, `Switch on ${name}`);
    await person.sees('The rule is on.');
    assert.match(await person.cell(name, 'State').innerText(), /^On/);
    await here.oathbook.createApplication(`Sync ${how}`);
    await eventually(`a letter to ${address}`, async () => {
      const letters = await here.oathbook.lettersTo(address);
      return letters.some((letter) => letter.includes(`Sync ${how}`));
    });

    await press(person, `Switch off ${name}`);
    await person.sees('The rule is off.');
    await (await person.option(name, 'Delete')).click();
    const confirmation = person.form('Delete Confirmation');
    await person.sees('Are you sure you want to delete this rule?', confirmation);
    await confirmation.getByRole('button', { name: 'Delete', exact: true }).click();
    await person.sees('Deleted successfully');
    assert.ok(!(await person.names()).includes(name));
    await person.leave();
  });
}

test('a rule without recipient is refused, at its field', async () => {
  const person = await here.arrive();
  await person.signIn();
  await openNewRule(person);
  await person.page.getByLabel('Name', { exact: true }).fill('Silent');
  for (const button of ['Preview', 'Save']) {
    await press(person, button);
    const group = person.page.getByRole('group', { name: 'Recipients', exact: true });
    await person.sees('At least one recipient must be specified.', group);
  }
  await openRules(person);
  assert.ok(!(await person.names()).includes('Silent'));
  await person.leave();
});

test('a rule that ships is changed, not deleted, and says so', async () => {
  const person = await here.arrive();
  await person.signIn();
  await openRules(person);
  await person.row('Role changed').getByLabel('More Options for Role changed').click();
  await person.sees('It ships with Oathbook and stays. It can be switched off.', person.row('Role changed'));
  await person.page.getByRole('link', { name: 'Role changed', exact: true }).click();
  assert.equal(await person.page.getByLabel('Occasion').getAttribute('readonly'), '');
  await person.leave();
});

test('the list is filtered while one types, and cleared', async () => {
  const person = await here.arrive();
  await person.signIn();
  await openRules(person);
  await person.page.getByRole('searchbox', { name: 'Name' }).fill('password');
  await person.sees('1 rule, 0 on');
  assert.deepEqual(await person.names(), ['Password changed']);
  await person.page.getByRole('searchbox', { name: 'Name' }).fill('nothing');
  await person.sees('No Results Found');
  await person.page.getByRole('main').getByRole('link', { name: 'Clear', exact: true }).first().click();
  await person.sees('13 rules, 1 on');
  await person.leave();
});

test('a rule is made by the keyboard alone', async () => {
  const person = await here.arrive();
  const { keyboard } = person.page;
  await person.signIn();
  await person.visit('/emails/rules/new');
  const name = person.page.getByLabel('Name', { exact: true });
  await name.focus();
  await keyboard.type('By keyboard');
  const tabTo = async (target) => {
    while (!(await target.evaluate((it) => it === document.activeElement))) await keyboard.press('Tab');
  };
  await tabTo(person.page.getByLabel('Owner of'));
  await keyboard.press('Space');
  await tabTo(person.page.getByRole('button', { name: 'Preview', exact: true }));
  await keyboard.press('Enter');
  await person.sees(/^It would have told of/);
  await person.page.getByLabel('Name', { exact: true }).focus();
  // The first button of a form is pressed by Enter: nothing is only previewed by chance.
  await keyboard.press('Enter');
  await person.sees('Saved successfully');
  await person.page.getByRole('link', { name: 'By keyboard', exact: true }).waitFor();
  await person.leave();
});

test('people choose how fast they are told', async () => {
  const grace = await here.oathbook.createUser('heidi');
  const person = await here.arrive();
  await person.signIn(grace);
  const open = async () => {
    await person.page.getByRole('main').getByRole('link', { name: 'Letters', exact: true }).click();
    const form = person.form('Letters');
    await form.waitFor();
    return form;
  };
  const form = await open();
  await person.sees(/What is about security is always told at once\.$/, form);
  await form.getByLabel('You get them').selectOption('Once a day, all in one mail');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await person.sees('Saved successfully');
  assert.equal(await (await open()).getByLabel('You get them').inputValue(), 'daily');
  await person.leave();
});
