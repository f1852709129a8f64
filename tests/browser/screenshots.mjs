// Pictures of every page in every look, or of those whose names begin so: npm run screenshots -- DIRECTORY [NAME]

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { quickstart } from './oathbook.mjs';
import { LOOKS, PAGES } from './pages.mjs';
import { arrive, openBrowser } from './person.mjs';

const [, , directory, beginning = ''] = process.argv;
if (!directory) {
  console.error('usage: npm run screenshots -- DIRECTORY [NAME]');
  process.exit(2);
}
await mkdir(directory, { recursive: true });

const oathbook = await quickstart();
const browser = await openBrowser();
try {
  for (const { name, given, open } of PAGES) {
    await given?.(oathbook);
    if (!name.startsWith(beginning)) continue;
    for (const look of LOOKS) {
      const person = await arrive(browser, oathbook, look.settings);
      await open(person);
      const path = join(directory, `${name}-${look.name}.png`);
      const fullPage = !(await person.page.getByRole('dialog').isVisible());
      await person.page.screenshot({ path, fullPage });
      console.log(path);
      await person.leave();
    }
  }
} finally {
  await browser.close();
  await oathbook.stop();
}
