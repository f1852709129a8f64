// What is shown when something cannot be: each status that a browser can get.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signedIn } from './ways.mjs';

export const FAILURES = [
  { name: 'not-found', open: (person) => signedIn(person, '/no/such/page') },
  { name: 'not-found-signed-out', open: (person) => person.visit('/no/such/page') },
  { name: 'wrong-method', open: (person) => signedIn(person, '/organization') },
  { name: 'not-allowed', given: anAuditor, open: notAllowed },
  { name: 'form-expired', open: expiredForm },
  { name: 'form-malformed', open: malformedForm },
  { name: 'failed', given: (oathbook) => alter(oathbook, 'sessions', 'set_aside'), open: failed },
];

let auditor;

async function anAuditor(oathbook) {
  auditor = await oathbook.createUser('Ida', 'auditor');
}

async function notAllowed(person) {
  await person.signIn(auditor);
  await person.visit('/applications/new');
  await person.seesHeading('You are not allowed to do this');
}

/** The form of a page that stood open while the session became another one. */
async function expiredForm(person) {
  await signedIn(person, '/me/edit');
  await person.page.locator('main input[name=csrf]').evaluate((input) => (input.value = 'of another session'));
  await person.page.getByRole('main').getByRole('button', { name: 'Save', exact: true }).click();
  await person.seesHeading('The form has expired');
}

async function malformedForm(person) {
  await signedIn(person, '/me/edit');
  await person.page.locator('main input[name=csrf]').evaluate((input) => input.after(input.cloneNode()));
  await person.page.getByRole('main').getByRole('button', { name: 'Save', exact: true }).click();
  await person.seesHeading('The form cannot be read');
}

/** With the table of sessions under another name nobody can say who asks. */
async function failed(person) {
  await person.page.context().addCookies([
    { name: 'oathbook_session', value: 'A'.repeat(43), url: person.oathbook.url },
  ]);
  await person.visit('/me');
  await person.seesHeading('Something failed on our side');
}

async function alter({ directory }, table, name) {
  const script = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])';
  const statement = `ALTER TABLE ${table} RENAME TO ${name}`;
  await promisify(execFile)('python3', ['-c', script, join(directory, 'var/state.db'), statement]);
}
