// Every page and dialog there is, each with the way to it, and the four looks each must work in.

export const LOOKS = [1280, 390].flatMap((width) =>
  ['light', 'dark'].map((colorScheme) => ({
    name: `${width}-${colorScheme}`,
    settings: { colorScheme, viewport: { width, height: width < 768 ? 844 : 800 } },
  })),
);

const FILTERED = '/applications?name=importer&status=inactive&last_used_op=not_for&last_used_days=90';
let auditor;
let oldImporter;
let manager;

/** In this order: the first ones show an installation without applications. */
export const PAGES = [
  { name: 'sign-in', open: (person) => person.visit('/sign-in') },
  { name: 'sign-in-refused', open: refusedSignIn },
  { name: 'my-user-empty', open: myUser },
  { name: 'my-user', given: someApplications, open: myUser },
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
  { name: 'applications', given: colleagues, open: (person) => signedIn(person, '/applications') },
  { name: 'applications-filters', open: openFilters },
  { name: 'applications-filtered', open: (person) => signedIn(person, FILTERED) },
  { name: 'applications-mistake', open: mistake },
  { name: 'applications-columns', open: openColumns },
  { name: 'applications-no-result', open: (person) => signedIn(person, '/applications?name=nobody&status=inactive') },
  { name: 'applications-selected', open: selectRows },
  { name: 'applications-row-menu', open: openRowMenu },
  { name: 'applications-keys', open: openKeys },
  { name: 'applications-read-only', open: readOnly },
  { name: 'bulk-preview', open: (person) => bulk(person, 'Deactivate…') },
  { name: 'bulk-delete', open: (person) => bulk(person, 'Delete…') },
  { name: 'bulk-results', open: bulkResults },
  { name: 'save-view-dialog', open: openSaveView },
  { name: 'saved-views-empty', open: (person) => signedIn(person, '/applications/views') },
  { name: 'views-menu', given: savedViews, open: openViews },
  { name: 'saved-views', open: (person) => signedIn(person, '/applications/views') },
  { name: 'delete-view-dialog', open: deleteView },
  { name: 'transfer-dialog', given: aColleague, open: (person) => chooseFrom(person, 'Transfer', 'Transfer OAuth Application') },
  { name: 'delete-refused', open: refusedDelete },
  { name: 'deleted-list', given: aDeletedApplication, open: (person) => signedIn(person, '/applications/deleted') },
  { name: 'application-deleted', open: openDeleted },
  { name: 'restore-dialog', open: openRestore },
  { name: 'restore-dialog-refused', open: refusedRestore },
  { name: 'system-views', open: (person) => signedIn(person, '/system/views') },
  { name: 'system-view-rollback', given: rebuiltViews, open: goBack },
  { name: 'users', given: somePeople, open: (person) => signedIn(person, '/users') },
  { name: 'users-no-result', open: (person) => signedIn(person, '/users?text=nobody') },
  { name: 'user', open: (person) => openUser(person, 'Max Muster') },
  { name: 'user-edit-dialog', open: (person) => openForUser(person, 'Edit', 'Edit user') },
  { name: 'user-disable-dialog', open: (person) => openForUser(person, 'Disable', 'Disable user') },
  { name: 'user-invite', open: (person) => signedIn(person, '/users/invite') },
  { name: 'user-invite-refused', open: refusedInvitation },
  { name: 'organizations', open: (person) => signedIn(person, '/organizations') },
  { name: 'organization', open: openOrganization },
  { name: 'organization-rename', open: (person) => openForOrganization(person, 'Rename', 'Rename organization') },
  { name: 'organization-access', open: (person) => openForOrganization(person, 'Withdraw global access', 'Withdraw global access') },
  { name: 'member-add', open: (person) => openForOrganization(person, 'Add member', 'Add member') },
  { name: 'member-change', open: openMember },
  { name: 'profile', open: (person) => signedIn(person, '/me/edit') },
  { name: 'change-password', open: refusedPassword },
  { name: 'sessions', open: (person) => signedIn(person, '/me/sessions') },
  { name: 'invitation', open: openInvitation },
  { name: 'invitation-void', open: (person) => person.visit('/invitation/incomplete') },
  { name: 'not-found', open: (person) => signedIn(person, '/no/such/page') },
];

async function signedIn(person, path) {
  await person.signIn();
  await person.visit(path);
}

function myUser(person) {
  return signedIn(person, '/me');
}

async function refusedSignIn(person) {
  await person.visit('/sign-in');
  await person.fillInSignIn('nobody', 'not the password');
  await person.page.getByRole('alert').waitFor();
}

async function someApplications(oathbook) {
  await oathbook.createUsedApplication('Warehouse sync');
  await oathbook.createApplication('Reporting for the quarterly board meeting of the subsidiaries');
  oldImporter = (await oathbook.createApplication('Old importer')).id;
  await oathbook.run('applications', 'deactivate', oldImporter);
}

let warehouse;

async function somethingToTell(oathbook) {
  const applications = JSON.parse(await oathbook.run('applications', 'list', '--json'));
  warehouse = applications.find(({ name }) => name === 'Warehouse sync').id;
  const said = ['--description', 'Fetches orders every night.\nAsk the warehouse before it is switched off.'];
  const more = ['--contact', 'integrations@acme.example', '--homepage', 'https://sync.acme.example/about'];
  await oathbook.run('applications', 'edit', warehouse, ...said, ...more, '--scope', 'applications:read');
  await oathbook.run('applications', 'deactivate', warehouse, '--reason', 'suspicious traffic');
  await oathbook.run('applications', 'activate', warehouse);
}

async function aColleague(oathbook) {
  await oathbook.createUser('grace');
}

let deleted;

async function aDeletedApplication(oathbook) {
  const { id } = await oathbook.createApplication('Gone with the wind');
  await oathbook.run('applications', 'delete', id, '--reason', 'not needed any more');
  await oathbook.createApplication('Gone with the wind');
  deleted = id;
}

async function rebuiltViews(oathbook) {
  await oathbook.run('projections', 'rebuild');
}

async function goBack(person) {
  await signedIn(person, '/system/views');
  await person.page.getByRole('link', { name: 'Go back with applications' }).click();
  await person.form('Go back').waitFor();
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

let created = 0;

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

async function openApplication(person, name) {
  await myUser(person);
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading(name);
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
  await signedIn(person, '/applications');
  await person.page.getByRole('search').getByText('Columns', { exact: true }).click();
}

async function selectRows(person) {
  await signedIn(person, '/applications');
  await person.select('Warehouse sync');
  await person.select('Old importer');
}

async function openRowMenu(person) {
  await signedIn(person, '/applications');
  await person.option('Old importer', 'Edit');
}

async function openKeys(person) {
  await signedIn(person, '/applications');
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

async function bulkResults(person) {
  await person.oathbook.run('applications', 'deactivate', oldImporter);
  await selectRows(person);
  await person.page.getByRole('button', { name: 'Activate…', exact: true }).click();
  await person.page.getByRole('button', { name: /^Activate \d/ }).click();
  await person.seesHeading('1 application activated');
}

async function openSaveView(person) {
  await signedIn(person, FILTERED);
  await person.page.locator('.views-menu summary').click();
  await person.page.getByRole('link', { name: 'Save as view…' }).click();
  await person.form('Save View').waitFor();
}

async function savedViews(oathbook) {
  await oathbook.saveView(manager, 'Everything of Kim', 'owner_name=kim', { shared: 'true' });
  await oathbook.saveView(oathbook, 'Not used for 90 days', 'last_used_op=not_for&last_used_days=90');
  await oathbook.saveView(oathbook, 'Inactive', 'status=inactive&sort=-created', { shared: 'true' });
}

async function openViews(person) {
  await signedIn(person, '/applications');
  await person.page.locator('.views-menu summary').click();
}

async function deleteView(person) {
  await signedIn(person, '/applications/views');
  await person.page.getByRole('link', { name: 'Delete Inactive' }).click();
  await person.form('Delete Confirmation').waitFor();
}

async function openEditPage(person) {
  const applications = JSON.parse(await person.oathbook.run('applications', 'list', '--json'));
  await signedIn(person, `/applications/${applications[0].id}/edit`);
}

async function openMoreOfApplication(person) {
  await openApplication(person, 'Warehouse sync');
  await person.page.getByLabel('More Options', { exact: true }).click();
}

async function chooseFrom(person, entry, title) {
  await openApplication(person, 'Warehouse sync');
  await person.more(entry);
  const form = person.form(title);
  await form.waitFor();
  return form;
}

async function refusedDelete(person) {
  const form = await chooseFrom(person, 'Delete', 'Delete Confirmation');
  await person.confirmDeletion(form, 'Warehouse');
  await person.sees('This is not the name of the application.', form);
}

async function openDeleted(person) {
  await person.signIn();
  await person.openApplication(deleted, 'Gone with the wind');
}

async function openRestore(person) {
  await openDeleted(person);
  await person.page.getByRole('link', { name: 'Restore', exact: true }).click();
  const form = person.form('Restore OAuth Application');
  await form.waitFor();
  return form;
}

async function refusedRestore(person) {
  const form = await openRestore(person);
  await form.getByRole('button', { name: 'Restore', exact: true }).click();
  await person.sees('The application with the given name already exists. Choose another name.', form);
}

async function somePeople(oathbook) {
  const organization = ['--organization', oathbook.organization];
  await oathbook.run('users', 'invite', 'max', '--email', 'max@acme.example', '--display-name', 'Max Muster', ...organization);
  const name = 'Wolfeschlegelsteinhausenbergerdorff the Younger of Philadelphia';
  await oathbook.run('users', 'create', 'wolfe', '--email', 'wolfe@a.very.long.domain.of.the.subsidiaries.acme.example', '--display-name', name, ...organization);
  await oathbook.run('users', 'create', 'eve', '--email', 'eve@acme.example', '--display-name', 'Eve');
  await oathbook.run('users', 'disable', 'eve');
  await oathbook.run('organizations', 'create', 'Nordwind Logistics AB');
  invitation = await oathbook.invitationFor('max@acme.example');
}

let invitation;

async function openInvitation(person) {
  await person.page.goto(invitation);
  await person.page.getByLabel('Password', { exact: true }).fill('max muster max');
  await person.page.getByRole('button', { name: 'Save and sign in' }).click();
  await person.sees(/^This password is too easy to guess/);
}

async function openUser(person, name) {
  await signedIn(person, '/users');
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading(name);
}

async function openForUser(person, label, title) {
  await openUser(person, 'Max Muster');
  await person.page.getByRole('main').getByRole('link', { name: label, exact: true }).click();
  await person.form(title).waitFor();
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
  await person.page.getByRole('link', { name: label, exact: true }).click();
  await person.form(title).waitFor();
}

async function openMember(person) {
  await openOrganization(person);
  await (await person.option('Max Muster', 'Change role')).click();
  await person.form('Change role').waitFor();
}

async function refusedPassword(person) {
  await signedIn(person, '/me/password');
  await person.page.getByLabel('New password', { exact: true }).fill('passwordpassword');
  await person.page.getByRole('button', { name: 'Save', exact: true }).click();
  await person.sees(/^This password is too easy to guess/);
}
