// The way in, and what somebody has: My User, its section of applications, and the page of one.

import { myUser, openApplication, signedIn } from './ways.mjs';

export const ENTRANCE = [
  { name: 'sign-in', open: (person) => person.visit('/sign-in') },
  { name: 'sign-in-refused', open: refusedSignIn },
];

export const OWN = [
  { name: 'my-user-empty', open: myUser },
  { name: 'my-user', given: someApplications, open: myUser },
  { name: 'my-user-filters', open: openFilters },
  { name: 'my-user-no-result', open: (person) => signedIn(person, '/me?name=nobody') },
  { name: 'user-menu', open: openUserMenu },
  { name: 'more-options', open: openMoreOptions },
  { name: 'create-dialog', open: openCreateDialog },
  { name: 'create-dialog-refused', open: refusedCreate },
  { name: 'create-page', open: (person) => signedIn(person, '/applications/new') },
  { name: 'result-dialog', open: createAnother },
  { name: 'result-dialog-not-copied', open: closeWithoutCopying },
  { name: 'edit-dialog', open: (person) => openFrom(person, 'Edit', 'Edit OAuth Application') },
  { name: 'deactivate-dialog', open: (person) => openFrom(person, 'Deactivate', 'Deactivate Confirmation') },
  { name: 'delete-dialog', open: (person) => openFrom(person, 'Delete', 'Delete Confirmation') },
  { name: 'edit-page', open: openEditPage },
  { name: 'application', given: somethingToTell, open: (person) => openApplication(person, 'Warehouse sync') },
  { name: 'application-menu', open: openMoreOfApplication },
  { name: 'application-inactive', open: (person) => openApplication(person, 'Old importer') },
];

let created = 0;

async function refusedSignIn(person) {
  await person.visit('/sign-in');
  await person.fillInSignIn('nobody', 'not the password');
  await person.page.getByRole('alert').waitFor();
}

async function someApplications(oathbook) {
  await oathbook.createUsedApplication('Warehouse sync');
  await oathbook.createApplication('Reporting for the quarterly board meeting of the subsidiaries');
  const { id } = await oathbook.createApplication('Old importer');
  await oathbook.run('applications', 'deactivate', id);
}

async function somethingToTell(oathbook) {
  const { id } = await oathbook.applicationNamed('Warehouse sync');
  const said = ['--description', 'Fetches orders every night.\nAsk the warehouse before it is switched off.'];
  const more = ['--contact', 'integrations@acme.example', '--homepage', 'https://sync.acme.example/about'];
  await oathbook.run('applications', 'edit', id, ...said, ...more, '--scope', 'applications:read');
  await oathbook.run('applications', 'deactivate', id, '--reason', 'suspicious traffic');
  await oathbook.run('applications', 'activate', id);
}

async function openFilters(person) {
  await myUser(person);
  await person.page.getByRole('search').getByText('Add filter').click();
}

async function openUserMenu(person) {
  await myUser(person);
  await person.userMenu.click();
}

async function openMoreOptions(person) {
  await myUser(person);
  await person.option('Warehouse sync', 'Edit');
}

async function openCreateDialog(person) {
  await myUser(person);
  await person.openCreateForm();
}

async function refusedCreate(person) {
  await myUser(person);
  const form = await person.openCreateForm();
  await person.saveAs(form, '');
  await person.sees('This value should not be blank.', form);
}

async function createAnother(person) {
  await myUser(person);
  created += 1;
  return person.addApplication(`Another ${created}`);
}

async function closeWithoutCopying(person) {
  const result = await createAnother(person);
  await result.getByRole('link', { name: 'Close', exact: true }).click();
  await person.sees(/^Client Secret has not been copied\./, result);
}

async function openFrom(person, entry, title) {
  await myUser(person);
  await (await person.option('Warehouse sync', entry)).click();
  await person.form(title).waitFor();
}

async function openEditPage(person) {
  const { id } = await person.oathbook.applicationNamed('Warehouse sync');
  await signedIn(person, `/applications/${id}/edit`);
}

async function openMoreOfApplication(person) {
  await openApplication(person, 'Warehouse sync');
  await person.page.getByLabel('More Options', { exact: true }).click();
}
