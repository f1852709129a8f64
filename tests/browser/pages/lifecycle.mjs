// How applications are given away, deleted and brought back; and the views of the installation.

import { openApplication, openForm, signedIn } from './ways.mjs';

const GONE = 'Gone with the wind';

export const LIFE = [
  { name: 'transfer-dialog', given: aColleague, open: (person) => choose(person, 'Transfer', 'Transfer OAuth Application') },
  { name: 'delete-refused', open: refusedDelete },
  { name: 'deleted-list-empty', open: (person) => signedIn(person, '/applications/deleted') },
  { name: 'deleted-list', given: aDeletedApplication, open: (person) => signedIn(person, '/applications/deleted') },
  { name: 'application-deleted', open: openDeleted },
  { name: 'restore-dialog', open: openRestore },
  { name: 'restore-dialog-refused', open: refusedRestore },
];

export const SYSTEM = [
  { name: 'system-views', open: (person) => signedIn(person, '/system/views') },
  { name: 'system-view-rollback', given: rebuiltViews, open: goBack },
];

let deleted;

async function aColleague(oathbook) {
  await oathbook.createUser('grace');
}

async function choose(person, entry, title) {
  await openApplication(person, 'Warehouse sync');
  await person.more(entry);
  const form = person.form(title);
  await form.waitFor();
  return form;
}

async function refusedDelete(person) {
  const form = await choose(person, 'Delete', 'Delete Confirmation');
  await person.confirmDeletion(form, 'Warehouse');
  await person.sees('This is not the name of the application.', form);
}

async function aDeletedApplication(oathbook) {
  const { id } = await oathbook.createApplication(GONE);
  await oathbook.run('applications', 'delete', id, '--reason', 'not needed any more');
  await oathbook.createApplication(GONE);
  deleted = id;
}

async function openDeleted(person) {
  await person.signIn();
  await person.openApplication(deleted, GONE);
}

async function openRestore(person) {
  await openDeleted(person);
  return openForm(person, 'Restore', 'Restore OAuth Application');
}

async function refusedRestore(person) {
  const form = await openRestore(person);
  await form.getByRole('button', { name: 'Restore', exact: true }).click();
  await person.sees('The application with the given name already exists. Choose another name.', form);
}

async function rebuiltViews(oathbook) {
  await oathbook.run('projections', 'rebuild');
}

async function goBack(person) {
  await signedIn(person, '/system/views');
  await openForm(person, 'Go back with applications', 'Go back');
}
