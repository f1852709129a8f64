// Ways that several pages begin with.

export async function signedIn(person, path) {
  await person.signIn();
  await person.visit(path);
}

export function myUser(person) {
  return signedIn(person, '/me');
}

export async function openApplication(person, name) {
  await myUser(person);
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading(name);
}

/** Presses a link of the page that opens a form. */
export async function openForm(person, label, title) {
  await person.page.getByRole('main').getByRole('link', { name: label, exact: true }).click();
  const form = person.form(title);
  await form.waitFor();
  return form;
}
