import assert from 'node:assert/strict';
import { test } from 'node:test';
import axe from 'axe-core';
import { LOOKS, PAGES } from './pages.mjs';
import { setting } from './setting.mjs';
import { routeOf, routes, templates } from './surface.mjs';

const here = setting();

const WIDTHS = [...new Set(LOOKS.map(({ settings }) => settings.viewport.width))];
const COLOURS = { runOnly: { type: 'tag', values: ['cat.color'] } };

/** Where the pages came from, and what they were. */
const answers = [];

for (const { name, given, open } of PAGES) {
  test(`${name} has no barrier, in any width and scheme`, async () => {
    await given?.(here.oathbook);
    for (const width of WIDTHS) {
      const [look, ...others] = LOOKS.filter(({ settings }) => settings.viewport.width === width);
      const person = await here.arrive(look.settings);
      await open(person);
      for (const answer of [person.answer, person.framed].filter(Boolean)) {
        answers.push({ address: answer.url(), method: answer.request().method(), text: await answer.text() });
      }
      assert.deepEqual(await barriers(person.page), [], look.name);
      assert.ok(await fits(person.page), `${look.name}: wider than the window`);
      // A scheme changes colours, and nothing else that a rule could find.
      for (const { name: other, settings } of others) {
        await person.page.emulateMedia({ colorScheme: settings.colorScheme });
        assert.deepEqual(await barriers(person.page, COLOURS), [], other);
      }
      await person.leave();
    }
  });
}

test('every route that answers a page was looked at', async () => {
  const all = await routes();
  assert.ok(all.length > 30, `${all.length} routes`);
  const seen = answers.filter(({ method }) => method === 'GET').map(({ address }) => routeOf(all, address));
  assert.deepEqual(all.filter((route) => !seen.includes(route)), []);
});

test('every template was looked at', async () => {
  const all = await templates();
  assert.ok(all.length > 30, `${all.length} templates`);
  const isSeen = ({ pieces }) => pieces.some((piece) => answers.some(({ text }) => text.includes(piece)));
  assert.deepEqual(all.filter((template) => !isSeen(template)).map(({ name }) => name), []);
});

/** What axe-core finds, one line each: rule, what to do, where. */
async function barriers(page, options = {}) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((options) => globalThis.axe.run(options), options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
  );
}

function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}
