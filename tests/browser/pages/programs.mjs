// The page of the web API, for those who write programs.

export const PROGRAMS = [
  { name: 'reference', open: (person) => person.visit('/api/doc') },
  { name: 'reference-operation', open: openOperation },
  { name: 'reference-answer', open: askForAnswer },
];

async function openOperation(person) {
  await person.visit('/api/doc');
  await person.page.getByText('Fields of users', { exact: true }).click();
  await person.page.getByText('/oauthapplications/{id}', { exact: true }).nth(1).click();
  await person.page.locator('.reference-token summary').click();
}

async function askForAnswer(person) {
  await person.visit('/api/doc');
  await person.page.getByText('List the organizations that the caller may see').click();
  await person.page.locator('#listOrganizations').getByRole('button', { name: 'Send GET' }).click();
  await person.page.getByRole('region', { name: 'Answer' }).waitFor();
}
