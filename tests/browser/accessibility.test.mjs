import assert from 'node:assert/strict';
import { test } from 'node:test';
import axe from 'axe-core';
import { LOOKS, PAGES } from './pages.mjs';
import { setting } from './setting.mjs';

const here = setting();

for (const { name, given, open } of PAGES) {
  test(`${name} has no barrier, in any width and scheme`, async () => {
    await given?.(here.oathbook);
    for (const look of LOOKS) {
      const person = await here.arrive(look.settings);
      await open(person);
      assert.deepEqual(await barriers(person.page), [], look.name);
      assert.ok(await fits(person.page), `${look.name}: wider than the window`);
      await person.leave();
    }
  });
}

/** What axe-core finds, one line each: rule, what to do, where. */
async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
  );
}

function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}
