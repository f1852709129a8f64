// What the letters look like in mail programs: every snapshot of notifier/letters, in every width and scheme.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { caniemail } from 'caniemail';
import { openBrowser } from './person.mjs';

const FOLDER = new URL('../../notifier/letters/src/tests/snapshots/', import.meta.url);
const LETTERS = readdirSync(FOLDER).filter((name) => name.endsWith('.html'));
const WIDTHS = [320, 390, 640];
const SCHEMES = ['light', 'dark'];

const CLIENTS = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*', 'samsung-email.*'];
/** What a mail program may leave out without harm: it then breaks lines, draws corners or picks fonts its own way. */
const MAY_BE_MISSING = new Set([
  '<bdi> element', // names from right to left then lean on the program's own care
  '<body> element', // its style is inherited from the program's own page
  'border-radius',
  'color-scheme CSS property',
  'color-scheme meta tag',
  'overflow', // found inside `overflow-wrap`
  'overflow-wrap',
  'role attribute',
  'system-ui, ui-serif, ui-sans-serif, ui-rounded, ui-monospace',
  'table-layout',
  'word-break',
]);

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

test('there are letters to look at', () => assert.ok(LETTERS.length >= 40, `${LETTERS.length}`));

for (const name of LETTERS) {
  const html = readFileSync(new URL(name, FOLDER), 'utf8');

  test(`${name} asks of mail programs what they can do`, () => {
    const { issues } = caniemail({ clients: CLIENTS, html });
    const missing = new Set([...issues.errors.values()].flat().map(({ title }) => title));
    assert.deepEqual([...missing].filter((title) => !MAY_BE_MISSING.has(title)), []);
  });

  test(`${name} can be read in every width and scheme, and loads nothing`, async () => {
    const page = await browser.newPage();
    const loaded = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.setContent(html);
    assert.deepEqual(await barriers(page), []);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} px wide in a window of ${width} px`);
    }
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await faint(page), [], colorScheme);
    }
    assert.deepEqual(loaded, []);
    await page.close();
  });
}

/** What axe-core finds of WCAG 2, levels A and AA, one line each. */
async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'],
      // Judged by `faint`: axe-core takes the page behind a letter for white in dark schemes, too.
      rules: { 'color-contrast': { enabled: false } },
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
  );
}

/** Texts with less contrast than 4.5 : 1 to what lies behind them (WCAG 2, 1.4.3), with that page's own colours. */
function faint(page) {
  return page.evaluate(() => {
    const canvas = document.createElement('p');
    canvas.style.cssText = 'color:CanvasText;background:Canvas';
    document.body.append(canvas);
    const behind = getComputedStyle(canvas).backgroundColor;
    canvas.remove();
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = (colour) => {
      const [r, g, b] = numbers(colour).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      for (let it = element; it; it = it.parentElement) {
        const colour = getComputedStyle(it).backgroundColor;
        if (numbers(colour)[3] !== 0) return colour;
      }
      return behind;
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const { textContent, parentElement } = texts.currentNode;
      if (!textContent.trim()) continue;
      const [low, high] = [getComputedStyle(parentElement).color, ground(parentElement)]
        .map(light)
        .sort((a, b) => a - b);
      const contrast = (high + 0.05) / (low + 0.05);
      if (contrast < 4.5) found.push(`${textContent.trim()}: ${contrast.toFixed(2)}`);
    }
    return found;
  });
}
