// People, organizations, memberships, and what somebody may change about themselves.

import { openForm, signedIn } from './ways.mjs';

const NORDWIND = 'Nordwind Logistics AB';
const MAX = 'Max Muster';

export const USERS = [
  { name: 'users', given: somePeople, open: (person) => signedIn(person, '/users') },
  { name: 'users-no-result', open: (person) => signedIn(person, '/users?text=nobody') },
  { name: 'user', open: (person) => openUser(person, MAX) },
  { name: 'user-disabled', open: (person) => openUser(person, 'Eve') },
  { name: 'user-edit-dialog', open: (person) => openForUser(person, 'Edit', 'Edit user') },
  { name: 'user-disable-dialog', open: (person) => openForUser(person, 'Disable', 'Disable user') },
  { name: 'user-invite', open: (person) => signedIn(person, '/users/invite') },
  { name: 'user-invite-refused', open: refusedInvitation },
];

export const ORGANIZATIONS = [
  { name: 'organizations', open: (person) => signedIn(person, '/organizations') },
  { name: 'organization', open: openOrganization },
  { name: 'organization-register', open: openRegister },
  { name: 'organization-register-refused', open: refusedRegister },
  { name: 'organization-rename', open: (person) => openForOrganization(person, 'Rename', 'Rename organization') },
  { name: 'organization-withdraw-access', open: (person) => openForOrganization(person, 'Withdraw global access', 'Withdraw global access') },
  { name: 'organization-empty', open: (person) => openNordwind(person) },
  { name: 'organization-grant-access', open: (person) => openForNordwind(person, 'Grant global access', 'Grant global access') },
  { name: 'organization-disable', open: (person) => openForNordwind(person, 'Disable', 'Disable organization') },
  { name: 'organization-disabled', given: aDisabledOrganization, open: (person) => openNordwind(person) },
  { name: 'member-add', open: (person) => openForOrganization(person, 'Add member', 'Add member') },
  { name: 'member-change', open: (person) => openForMember(person, 'Change role', 'Change role') },
  { name: 'member-remove', open: (person) => openForMember(person, 'Remove', 'Remove member') },
  { name: 'organization-menu', given: twoOrganizations, open: openOrganizationMenu },
];

export const ACCOUNT = [
  { name: 'profile', open: (person) => signedIn(person, '/me/edit') },
  { name: 'letters-choice', open: (person) => signedIn(person, '/me/letters') },
  { name: 'change-password', open: (person) => signedIn(person, '/me/password') },
  { name: 'change-password-refused', open: refusedPassword },
  { name: 'sessions', open: (person) => signedIn(person, '/me/sessions') },
  { name: 'invitation', open: (person) => person.page.goto(invitation) },
  { name: 'invitation-refused', open: refusedInvited },
  { name: 'invitation-void', open: (person) => person.visit('/invitation/incomplete') },
];

let invitation;

async function somePeople(oathbook) {
  const organization = ['--organization', oathbook.organization];
  await oathbook.run('users', 'invite', 'max', '--email', 'max@acme.example', '--display-name', MAX, ...organization);
  const name = 'Wolfeschlegelsteinhausenbergerdorff the Younger of Philadelphia';
  await oathbook.run('users', 'create', 'wolfe', '--email', 'wolfe@a.very.long.domain.of.the.subsidiaries.acme.example', '--display-name', name, ...organization);
  await oathbook.run('users', 'create', 'eve', '--email', 'eve@acme.example', '--display-name', 'Eve');
  await oathbook.run('users', 'disable', 'eve');
  await oathbook.createOrganization(NORDWIND);
  invitation = await oathbook.invitationFor('max@acme.example');
}

async function openUser(person, name) {
  await signedIn(person, '/users');
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading(name);
}

async function openForUser(person, label, title) {
  await openUser(person, MAX);
  await openForm(person, label, title);
}

async function refusedInvitation(person) {
  await signedIn(person, '/users/invite');
  await person.page.getByRole('button', { name: 'Send invitation' }).click();
  await person.sees('This value is not a valid email address.');
}

async function openOrganization(person) {
  await signedIn(person, `/organizations/${person.oathbook.organization}`);
}

async function openForOrganization(person, label, title) {
  await openOrganization(person);
  await openForm(person, label, title);
}

async function openRegister(person) {
  await signedIn(person, '/organizations');
  return openForm(person, 'Register organization', 'Register organization');
}

async function refusedRegister(person) {
  const form = await openRegister(person);
  await form.getByLabel('Name', { exact: true }).fill(NORDWIND);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.locator('.field-error').filter({ hasText: /./ }).waitFor();
}

async function openNordwind(person) {
  await signedIn(person, '/organizations');
  await person.page.getByRole('link', { name: NORDWIND, exact: true }).click();
  await person.seesHeading(NORDWIND);
}

async function openForNordwind(person, label, title) {
  await openNordwind(person);
  await openForm(person, label, title);
}

async function aDisabledOrganization(oathbook) {
  await oathbook.run('organizations', 'disable', NORDWIND);
}

async function openForMember(person, entry, title) {
  await openOrganization(person);
  await (await person.option(MAX, entry)).click();
  await person.form(title).waitFor();
}

async function twoOrganizations(oathbook) {
  const id = await oathbook.createOrganization('Südwind Holding of all the subsidiaries beyond the Alps');
  await oathbook.run('organizations', 'admit', id, oathbook.username);
}

async function openOrganizationMenu(person) {
  await signedIn(person, '/applications');
  await person.organizationMenu.click();
}

async function refusedPassword(person) {
  await signedIn(person, '/me/password');
  await person.page.getByLabel('New password', { exact: true }).fill('passwordpassword');
  await person.page.getByRole('button', { name: 'Save', exact: true }).click();
  await person.sees(/^This password is too easy to guess/);
}

async function refusedInvited(person) {
  await person.page.goto(invitation);
  await person.page.getByLabel('Password', { exact: true }).fill('max muster max');
  await person.page.getByRole('button', { name: 'Save and sign in' }).click();
  await person.sees(/^This password is too easy to guess/);
}
