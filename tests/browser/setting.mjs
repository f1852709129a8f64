// What every file of tests stands on: one Oathbook and one browser, gone when the file is done.

import { after, before } from 'node:test';
import { quickstart } from './oathbook.mjs';
import { arrive, openBrowser } from './person.mjs';

/** `prepare` makes what the tests of the file find there. */
export function setting(prepare = async () => {}) {
  const here = {};

  before(async () => {
    here.oathbook = await quickstart();
    await prepare(here.oathbook);
    here.browser = await openBrowser();
    here.arrive = (settings) => arrive(here.browser, here.oathbook, settings);
  });

  after(async () => {
    await here.browser?.close();
    await here.oathbook?.stop();
  });

  return here;
}
