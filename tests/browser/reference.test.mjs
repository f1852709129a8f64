// The page of the web API: with nothing but a client id and a secret, a program's first requests are made.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setting } from './setting.mjs';

const here = setting();

test('a token is got, an application is created, seen and deleted, from the page alone', async () => {
  const scopes = ['applications:read', 'applications:write'];
  const application = await here.oathbook.createUsedApplication('Robot', scopes);
  const person = await here.arrive();
  await person.visit('/api/doc');
  await getToken(person, application);

  const created = await send(person, 'createApplication', {});
  assert.equal(created.status, '201 Created');
  const { id } = created.document.data;
  const listed = await send(person, 'listApplications', { query: 'filter[name]=Warehouse sync' });
  assert.deepEqual(listed.document.data.map((it) => it.id), [id]);
  const changed = await send(person, 'updateApplication', { id });
  assert.equal(changed.document.data.attributes.description, 'Fetches orders every night.');
  assert.equal((await send(person, 'deleteApplication', { id })).status, '204 No Content');
  await person.leave();
});

test('what is refused is shown as it was answered', async () => {
  const person = await here.arrive();
  await person.visit('/api/doc');
  const refused = await send(person, 'getUser', { id: '00000000-0000-0000-0000-000000000000' });
  assert.equal(refused.status, '401 Unauthorized');
  assert.match(refused.text, /www-authenticate: Bearer/);
  await person.page.getByLabel('Client ID').fill('nobody');
  await person.page.getByRole('button', { name: 'Get a token' }).click();
  await person.sees(/^There is no token: /);
  await person.leave();
});

test('without scripts, every operation can be read, and nothing pretends to send', async () => {
  const person = await here.arrive({ javaScriptEnabled: false });
  await person.visit('/api/doc');
  await operation(person, 'createApplication').locator('summary').click();
  await person.sees(/^curl -g .* -X POST /, operation(person, 'createApplication'));
  assert.equal(await person.page.getByRole('button', { name: 'Send POST' }).count(), 0);
  await person.leave();
});

const operation = (person, name) => person.page.locator(`#${name}`);

async function getToken(person, { clientId, clientSecret }) {
  await person.page.locator('.reference-token summary').click();
  await person.page.getByLabel('Client ID').fill(clientId);
  await person.page.getByLabel('Client Secret').fill(clientSecret);
  await person.page.getByRole('button', { name: 'Get a token' }).click();
  await person.page.waitForFunction(() => document.querySelector('[data-token]').value.split('.').length === 3);
}

/** Fills in the form of an operation and sends it; the answer as the page shows it. */
async function send(person, name, { id, query }) {
  const here = operation(person, name);
  await here.evaluate((details) => (details.open = true));
  if (id) await here.getByLabel('id', { exact: true }).fill(id);
  if (query) await here.getByLabel('Query').fill(query);
  await here.getByRole('button', { name: /^Send / }).click();
  const answer = here.locator('[data-answer]');
  await answer.getByRole('region', { name: 'Answer' }).waitFor();
  const status = await answer.getByRole('heading').innerText();
  const text = await answer.getByRole('region').innerText();
  const [, body] = text.split('\n\n');
  return { status, text, document: body ? JSON.parse(text.slice(text.indexOf('\n\n'))) : undefined };
}
