// The words of letters.

import { openForm, signedIn } from './ways.mjs';

export const TEMPLATES = [
  { name: 'templates', open: (person) => signedIn(person, '/emails/templates') },
  { name: 'template-new-dialog', open: openNew },
  { name: 'template-new-refused', open: refuseNew },
  { name: 'template', open: (person) => openTemplate(person, 'oauth_application_created') },
  { name: 'template-refused', open: refuse },
  { name: 'template-versions-empty', open: (person) => openVersions(person, 'oauth_application_created') },
  { name: 'template-own', open: openOwn },
  { name: 'template-remove-dialog', open: askToRemove },
  { name: 'template-reset-dialog', open: askToReset },
  { name: 'template-versions', open: openOwnVersions },
];

/** The editor of a template, once its preview is there. */
export async function openTemplate(person, name, language = 'en') {
  await signedIn(person, '/emails/templates');
  await person.page.getByRole('link', { name, exact: true }).click();
  await person.seesHeading(name);
  if (language !== 'en') await person.page.getByRole('link', { name: language, exact: true }).click();
  await shown(person).getByRole('heading').first().waitFor();
}

/** The document of the preview. */
export function shown(person) {
  return person.page.frameLocator('iframe.preview:not([hidden])');
}

export async function save(person, words) {
  for (const [label, text] of Object.entries(words)) await person.page.getByLabel(label, { exact: true }).fill(text);
  await person.page.getByRole('button', { name: 'Save', exact: true }).click();
}

async function openVersions(person, name) {
  await openTemplate(person, name);
  await person.page.getByRole('link', { name: 'Versions', exact: true }).click();
  await person.seesHeading(`Versions of ${name}`);
}

async function openNew(person) {
  await signedIn(person, '/emails/templates');
  return openForm(person, 'Add Template', 'Add template');
}

async function refuseNew(person) {
  const form = await openNew(person);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await person.sees('This value should not be blank.', form);
}

export async function addTemplate(person, name, occasion) {
  const form = await openNew(person);
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Occasion', { exact: true }).selectOption(occasion);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await person.seesHeading(name);
}

async function refuse(person) {
  await openTemplate(person, 'oauth_application_created');
  await save(person, { Subject: '', Text: 'Hello\n{{nobody}}' });
  await person.page.locator('#template-text-error').waitFor();
}

async function openOwn(person) {
  await addTemplate(person, 'Ours', 'Application renamed');
  await save(person, { Text: 'Hello {{recipient}}' });
  await person.sees('Saved successfully');
}

async function askToRemove(person) {
  await openOwn(person);
  await openForm(person, 'Delete', 'Delete template');
}

async function askToReset(person) {
  await openOwn(person);
  await openForm(person, 'Use default', 'Use default');
}

async function openOwnVersions(person) {
  await openOwn(person);
  await person.page.getByRole('link', { name: 'Versions', exact: true }).click();
  await person.seesHeading('Versions of Ours');
}
