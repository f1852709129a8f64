// What a page costs somebody who has never been here: every byte that is transferred, and nothing that moves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const MOST = 150 * 1024;

let application;
let user;

const here = setting(async (oathbook) => {
  for (let number = 0; number < 26; number += 1) {
    ({ id: application } = await oathbook.createApplication(`Partner ${number}`, oathbook.username, ['applications:read']));
  }
  const users = JSON.parse(await oathbook.run('users', 'list', '--json'));
  user = users[0].id;
  await oathbook.run('applications', 'delete', (await oathbook.createApplication('Gone')).id);
});

/** Opens a page in a browser with nothing kept but the session; answers how many bytes came. */
async function transferred(person, path) {
  const context = await here.browser.newContext({ storageState: await person.page.context().storageState() });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  const answer = await page.goto(here.oathbook.url + path, { waitUntil: 'networkidle' });
  assert.equal(answer.status(), 200, path);
  await context.close();
  return bytes;
}

test('every main page is light, and nothing on it moves while it loads', async (t) => {
  const person = await here.arrive();
  await person.signIn();
  await eventually('a page is full', async () => {
    await person.visit('/applications');
    return (await person.names()).length === 25;
  });
  for (const path of [
    '/me',
    '/me/edit',
    '/me/password',
    '/me/sessions',
    '/applications',
    '/applications?size=100',
    '/applications/new',
    '/applications/deleted',
    '/applications/views',
    `/applications/${application}`,
    `/applications/${application}/edit`,
    '/users',
    `/users/${user}`,
    '/organizations',
    `/organizations/${here.oathbook.organization}`,
    '/system/views',
    '/api/doc',
  ]) {
    await t.test(path, async () => {
      const bytes = await transferred(person, path);
      t.diagnostic(`${path}: ${bytes} bytes`);
      assert.ok(bytes > 10_000 && bytes < MOST, `${bytes} bytes`);
      // Whatever moves is a complaint when this person leaves.
      await person.visit(path);
      await person.page.waitForLoadState('networkidle');
    });
  }
  await person.leave();
});

test('a page that another one leads to comes compressed', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.visit('/applications');
  const first = person.answer.headers()['content-encoding'];
  await person.openMyUser();
  assert.deepEqual([first, person.answer.headers()['content-encoding']], [undefined, 'gzip']);
  await person.leave();
});
