// What every file of tests stands on: one Oathbook and one browser, gone when the file is done.

import { after, before } from 'node:test';
import { quickstart } from './oathbook.mjs';
import { arrive, openBrowser } from './person.mjs';

export function setting() {
  const here = {};

  before(async () => {
    here.oathbook = await quickstart();
    here.browser = await openBrowser();
    here.arrive = (settings) => arrive(here.browser, here.oathbook, settings);
  });

  after(async () => {
    await here.browser?.close();
    await here.oathbook?.stop();
  });

  return here;
}
