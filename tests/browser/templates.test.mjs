import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { addTemplate, openTemplate, save, shown } from './pages/templates.mjs';
import { setting } from './setting.mjs';

const here = setting();

const CREATED = 'oauth_application_created';
/** Each keeps to templates of its own, so that it knows how often they were changed. */
const WAYS = [
  { name: 'with scripts', settings: {}, template: 'oauth_application_deleted' },
  { name: 'without scripts', settings: { javaScriptEnabled: false }, template: 'oauth_application_restored' },
];

const field = (person, label) => person.page.getByLabel(label, { exact: true });
const press = (person, name) => person.page.getByRole('button', { name, exact: true }).click();
const follow = (person, name) => person.page.getByRole('link', { name, exact: true }).click();

/** The subject that the preview shows. */
const sees = (person, subject) => shown(person).getByRole('heading', { name: subject, exact: true }).waitFor();

/** Waits for the editor of a template to which so much has happened. */
const saved = (person, changes) =>
  person.page.locator(`form.editor input[name=revision][value="${changes}"]`).waitFor({ state: 'attached' });

/** The mails whose subject says that, as they were written. */
async function mails(oathbook, subject) {
  const folder = join(oathbook.directory, 'var/mail');
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.eml')).map((name) => readFile(join(folder, name), 'utf8')));
  return texts.filter((text) => text.includes(`Subject: ${subject}`));
}

test('words are changed, previewed on a real event while typing, and tried in a letter to oneself', async () => {
  await here.oathbook.createUsedApplication('Stock sync');
  const person = await here.arrive();
  await openTemplate(person, CREATED);
  const before = person.page.url();
  for (const word of ['First', 'Second', 'Third']) {
    await field(person, 'Subject').fill(`${word} {{application}}`);
    await sees(person, `${word} Stock sync`);
  }
  await shown(person).frameLocator('iframe').getByText('Stock sync').first().waitFor();
  assert.equal(await person.page.locator('iframe').count(), 1);
  await field(person, 'As in').selectOption('An example');
  await person.page.locator('.variable-value').filter({ hasText: 'Warehouse sync' }).first().waitFor();
  assert.equal(await field(person, 'Subject').inputValue(), 'Third {{application}}');
  await press(person, 'Save');
  await person.sees('Saved successfully');
  assert.ok(person.page.url().startsWith(before));
  await press(person, 'Send test to me');
  await person.sees('A test letter to you is on its way.');
  await eventually('the letter is there', async () =>
    (await mails(here.oathbook, 'Test: Third Warehouse sync')).length === 1);
  await person.leave();
});

for (const { name, settings, template } of WAYS) {
  test(`${name}, words that fail are told at their place, and a preview saves nothing`, async () => {
    const person = await here.arrive(settings);
    await openTemplate(person, 'oauth_application_renamed');
    await field(person, 'Text').fill('Hello\n  {{nobody}}');
    await press(person, 'Preview');
    await sees(person, 'It does not render');
    await press(person, 'Save');
    const error = person.page.locator('#template-text-error');
    assert.match(await error.innerText(), /^Line 2, column 3: /);
    assert.equal(await field(person, 'Text').inputValue(), 'Hello\n  {{nobody}}');
    await field(person, 'Text').fill('Hello {{recipient}}');
    await press(person, 'Preview');
    await shown(person).locator('pre').filter({ hasText: /^Hello Administrator$/ }).waitFor();
    await person.visit('/emails/templates');
    await person.sees('Shipped', person.row('oauth_application_renamed'));
    await person.leave();
  });

  test(`${name}, versions are compared and restored, and a language goes back to its default`, async () => {
    const person = await here.arrive(settings);
    await openTemplate(person, template, 'de');
    const shipped = await field(person, 'Text').inputValue();
    await save(person, { Text: 'Eins\nZwei\nDrei' });
    await saved(person, 1);
    await save(person, { Text: 'Eins\nZwo\nDrei' });
    await saved(person, 2);
    await follow(person, 'Versions');
    const changed = (kind) => person.page.locator(`.line-${kind}`).first().innerText();
    assert.match(await changed('removed'), /Zwei/);
    assert.match(await changed('added'), /Zwo/);
    await person.page.getByRole('button', { name: /^Restore version/ }).first().click();
    await saved(person, 3);
    assert.equal(await field(person, 'Text').inputValue(), 'Eins\nZwei\nDrei');
    await follow(person, 'Use default');
    await person.form('Use default').getByRole('button', { name: 'Use default' }).click();
    await saved(person, 4);
    assert.equal(await field(person, 'Text').inputValue(), shipped);
    await person.leave();
  });

  test(`${name}, a template of one's own begins as a copy and is deleted`, async () => {
    const person = await here.arrive(settings);
    await addTemplate(person, `Ours ${name}`, 'Application renamed');
    assert.match(await field(person, 'Text').inputValue(), /former_name/);
    await follow(person, 'Delete');
    await person.form('Delete template').getByRole('button', { name: 'Delete', exact: true }).click();
    await person.sees('The template has been deleted.');
    assert.equal(await person.row(`Ours ${name}`).count(), 0);
    await person.leave();
  });
}
