// Every page and dialog there is, each with the way to it, and the four looks each must work in.

export const LOOKS = [1280, 390].flatMap((width) =>
  ['light', 'dark'].map((colorScheme) => ({
    name: `${width}-${colorScheme}`,
    settings: { colorScheme, viewport: { width, height: width < 768 ? 844 : 800 } },
  })),
);

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
  { name: 'application', open: (person) => openApplication(person, 'Warehouse sync') },
  { name: 'application-inactive', open: (person) => openApplication(person, 'Old importer') },
  { name: 'system-views', open: (person) => signedIn(person, '/system/views') },
  { name: 'system-view-rollback', given: rebuiltViews, open: goBack },
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
  const { id } = await oathbook.createApplication('Old importer');
  await oathbook.run('applications', 'deactivate', id);
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
