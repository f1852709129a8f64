// The list of all applications: filters, columns, selections, bulk actions, saved views.

import { signedIn } from './ways.mjs';

const FILTERED = '/applications?name=importer&status=inactive&last_used_op=not_for&last_used_days=90';

export const GRID = [
  { name: 'applications', given: colleagues, open: list },
  { name: 'applications-filters', open: openFilters },
  { name: 'applications-filtered', open: (person) => signedIn(person, FILTERED) },
  { name: 'applications-mistake', open: mistake },
  { name: 'applications-columns', open: openColumns },
  { name: 'applications-no-result', open: (person) => signedIn(person, '/applications?name=nobody&status=inactive') },
  { name: 'applications-selected', open: selectRows },
  { name: 'applications-row-menu', open: openRowMenu },
  { name: 'applications-exports', open: openExports },
  { name: 'applications-keys', open: openKeys },
  { name: 'applications-read-only', open: readOnly },
  { name: 'bulk-preview', open: (person) => bulk(person, 'Deactivate…') },
  { name: 'bulk-delete', open: (person) => bulk(person, 'Delete…') },
  { name: 'bulk-refused', open: refusedBulk },
  { name: 'bulk-results', open: bulkResults },
];

export const VIEWS = [
  { name: 'save-view-dialog', open: openSaveView },
  { name: 'save-view-refused', open: refusedSaveView },
  { name: 'saved-views-empty', open: (person) => signedIn(person, '/applications/views') },
  { name: 'views-menu', given: savedViews, open: openViews },
  { name: 'saved-views', open: (person) => signedIn(person, '/applications/views') },
  { name: 'edit-view-dialog', open: (person) => openForView(person, 'Edit Inactive', 'Edit View') },
  { name: 'delete-view-dialog', open: (person) => openForView(person, 'Delete Inactive', 'Delete Confirmation') },
];

let auditor;
let manager;

function list(person) {
  return signedIn(person, '/applications');
}

async function colleagues(oathbook) {
  auditor = await oathbook.createUser('Nora', 'auditor');
  manager = await oathbook.createUser('Kim', 'manager');
  for (const name of ['Customs gateway', 'Partner portal', 'Yard cameras', 'Label printing']) {
    await oathbook.createApplication(name, 'kim');
  }
}

async function openFilters(person) {
  await signedIn(person, '/applications?client_id=abc,def&view=none');
  await person.page.getByRole('search').getByText('Add filter').click();
}

async function mistake(person) {
  await signedIn(person, '/applications?created_op=last&created_days=soon');
  await person.sees('Enter a number of days from 1 to 36500.');
}

async function openColumns(person) {
  await list(person);
  await person.page.getByRole('search').getByText('Columns', { exact: true }).click();
}

async function selectRows(person) {
  await list(person);
  await person.select('Warehouse sync');
  await person.select('Old importer');
}

async function openRowMenu(person) {
  await list(person);
  await person.option('Old importer', 'Edit');
}

async function openExports(person) {
  await list(person);
  await person.page.getByRole('main').locator('summary', { hasText: 'Export' }).click();
}

async function openKeys(person) {
  await list(person);
  await person.page.keyboard.press('?');
  await person.page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
}

async function readOnly(person) {
  await person.signIn(auditor);
  await person.visit('/applications');
  await person.option('Warehouse sync', 'Edit');
}

async function bulk(person, action) {
  await selectRows(person);
  await person.page.getByRole('button', { name: action }).click();
  await person.page.getByLabel(/^Reason/).waitFor();
}

async function refusedBulk(person) {
  await bulk(person, 'Deactivate…');
  await person.page.getByLabel(/^Reason/).fill('x'.repeat(2000));
  await person.page.getByRole('button', { name: /^Deactivate \d/ }).click();
  await person.sees(/^This value is too long\./);
}

async function bulkResults(person) {
  const { id } = await person.oathbook.applicationNamed('Old importer');
  await person.oathbook.run('applications', 'deactivate', id);
  await selectRows(person);
  await person.page.getByRole('button', { name: 'Activate…', exact: true }).click();
  await person.page.getByRole('button', { name: /^Activate \d/ }).click();
  await person.seesHeading('1 application activated');
}

async function openSaveView(person) {
  await signedIn(person, FILTERED);
  await person.page.locator('.views-menu summary').click();
  await person.page.getByRole('link', { name: 'Save as view…' }).click();
  const form = person.form('Save View');
  await form.waitFor();
  return form;
}

async function refusedSaveView(person) {
  const form = await openSaveView(person);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await person.sees('This value should not be blank.', form);
}

async function savedViews(oathbook) {
  await oathbook.saveView(manager, 'Everything of Kim', 'owner_name=kim', { shared: 'true' });
  await oathbook.saveView(oathbook, 'Not used for 90 days', 'last_used_op=not_for&last_used_days=90');
  await oathbook.saveView(oathbook, 'Inactive', 'status=inactive&sort=-created', { shared: 'true' });
}

async function openViews(person) {
  await list(person);
  await person.page.locator('.views-menu summary').click();
}

async function openForView(person, label, title) {
  await signedIn(person, '/applications/views');
  await person.page.getByRole('link', { name: label, exact: true }).click();
  await person.form(title).waitFor();
}
