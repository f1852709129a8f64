import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setting } from './setting.mjs';

const here = setting();

test('a wrong password and an unknown user are refused in the same words', async () => {
  const person = await here.arrive();
  const refusals = [];
  for (const username of [here.oathbook.username, 'nobody']) {
    await person.visit('/sign-in');
    await person.fillInSignIn(username, 'not the password');
    refusals.push(await person.page.getByRole('alert').innerText());
    await person.seesHeading('Sign in');
  }
  assert.notEqual(refusals[0].trim(), '');
  assert.equal(refusals[0], refusals[1]);
  await person.leave();
});

test('whoever signs in gets to the page they asked for', async () => {
  const person = await here.arrive();
  await person.visit('/applications/new');
  await person.seesHeading('Sign in');
  await person.fillInSignIn(here.oathbook.username, here.oathbook.password);
  await person.seesHeading('Create OAuth Application');
  await person.leave();
});

test('whoever signed out is asked to sign in again', async () => {
  const person = await here.arrive();
  await person.signIn();
  await person.openMyUser();
  await person.signOut();
  await person.visit('/me');
  await person.seesHeading('Sign in');
  await person.leave();
});
