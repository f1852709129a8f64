// Who is told of what: the section "Emails".

import { signedIn } from './ways.mjs';

const MINE = 'Tell the warehouse';

export const RULES = [
  { name: 'rules', given: aRule, open: (person) => signedIn(person, '/emails/rules') },
  { name: 'rules-no-result', open: (person) => signedIn(person, '/emails/rules?text=nothing') },
  { name: 'rule', open: (person) => openRule(person, 'Application unused') },
  { name: 'rule-new', open: (person) => signedIn(person, '/emails/rules/new') },
  { name: 'rule-refused', open: refusedRule },
  { name: 'rule-preview', given: (oathbook) => oathbook.createApplication('Export to the warehouse'), open: previewedRule },
  { name: 'rule-delete', open: deletedRule },
];

async function aRule(oathbook) {
  const recipients = { owner: 'true', role_administrator: 'true', addresses: 'warehouse@acme.example\nsecurity@logistics.acme.example' };
  await oathbook.createRule({ name: MINE, occasion: 'application_deleted', application_name: 'sync', ...recipients });
}

async function fill({ page }, name) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Application Name').fill('e');
  await page.getByLabel(/^Owner of/).check();
  await page.getByLabel('Administrators').check();
  await page.getByLabel('Addresses').fill('warehouse@acme.example\nsecurity@acme.example');
}

async function openRule(person, name) {
  await signedIn(person, '/emails/rules');
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading('Edit Notification Rule');
}

async function refusedRule(person) {
  await signedIn(person, '/emails/rules/new');
  await person.page.getByRole('button', { name: 'Save', exact: true }).click();
  await person.sees('At least one recipient must be specified.');
}

async function previewedRule(person) {
  await signedIn(person, '/emails/rules/new');
  await fill(person, 'Another');
  await person.page.getByRole('button', { name: 'Preview', exact: true }).click();
  await person.sees(/^It would have told of/);
}

async function deletedRule(person) {
  await signedIn(person, '/emails/rules');
  await (await person.option(MINE, 'Delete')).click();
  await person.form('Delete Confirmation').waitFor();
}
