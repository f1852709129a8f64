import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setting } from './setting.mjs';

const here = setting();
const WARNING =
  'OAuth authorization is not available as encryption keys configuration was not complete. ' +
  'Please contact your administrator.';

test('without keys the page warns, the token endpoint says why, and the rest works', async () => {
  const application = await here.oathbook.createApplication('Keyless');
  await here.oathbook.restart(async (directory) => {
    await rm(join(directory, 'var/oauth_private.key'));
    await rm(join(directory, 'var/oauth_public.key'));
  });

  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  await person.sees(WARNING);
  await person.row('Keyless').waitFor();

  const { status, body } = await here.oathbook.requestToken(application);
  assert.equal(status, 503);
  assert.equal(body.error, 'no_encryption_key');
  await person.leave();
});
