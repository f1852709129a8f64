import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

let manager;
const here = setting(async (oathbook) => {
  manager = await oathbook.createUser('Max', 'manager');
  for (const name of ['Customs gateway', 'Label printing', 'Old importer']) {
    await oathbook.createApplication(name);
  }
  for (const name of ['Tour planner', 'Yard cameras']) {
    await oathbook.createApplication(name, 'max');
  }
  await oathbook.createUsedApplication('Warehouse sync');
});

/** Somebody who looks at all applications. */
async function atTheGrid(settings, account) {
  const person = await here.arrive(settings);
  await person.signIn(account);
  await person.openApplications();
  await eventually('all applications are shown', async () => {
    await person.page.reload();
    return (await person.names()).length >= 6;
  });
  return person;
}

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${scripts}, each kind of filter finds its applications and says so in words`, async (t) => {
    const person = await atTheGrid({ javaScriptEnabled });
    const clear = () => person.page.getByRole('link', { name: 'Clear', exact: true }).click();
    const finds = (names, words) => async () => {
      await eventually(words, async () => (await person.names()).join() === names.join());
      await person.page.getByRole('list', { name: 'Filters in use' }).getByText(words).waitFor();
      await clear();
      await eventually('all are back', async () => (await person.names()).length === 6);
    };

    await t.test('a text', async () => {
      await person.filterByName('print');
      await finds(['Label printing'], 'Application Name contains “print”')();
    });

    await t.test('a text, the other way', async () => {
      await person.page.getByLabel('How to compare the Application Name').selectOption('starts_with');
      await person.filterByName('old');
      await finds(['Old importer'], 'Application Name starts with “old”')();
    });

    await t.test('a choice', async () => {
      await person.filter('Owner', async (group) => group.getByLabel('Max Muster').check());
      await finds(['Tour planner', 'Yard cameras'], 'Owner is Max Muster')();
    });

    await t.test('none of a choice', async () => {
      await person.filter('Owner', async (group) => {
        await group.getByLabel('How to compare').selectOption('none_of');
        await group.getByLabel('Max Muster').check();
      });
      const names = ['Customs gateway', 'Label printing', 'Old importer', 'Warehouse sync'];
      await finds(names, 'Owner is not Max Muster')();
    });

    await t.test('days', async () => {
      await person.filter('Created', async (group) => {
        await group.getByLabel('How to compare').selectOption('after');
        await group.getByLabel('From').fill('2020-01-01');
      });
      await person.sees('Created after 2020-01-01');
      await clear();
    });

    await t.test('days that go with time', async () => {
      await person.filter('Last Used', async (group) => {
        await group.getByLabel('How to compare').selectOption('never');
      });
      const unused = ['Customs gateway', 'Label printing', 'Old importer', 'Tour planner', 'Yard cameras'];
      await finds(unused, 'Never used')();
      await person.filter('Last Used', async (group) => {
        await group.getByLabel('How to compare').selectOption('not_for');
        await group.getByLabel('Days').fill('90');
      });
      await finds(unused, 'Not used for 90 days')();
    });

    await t.test('a pasted list', async () => {
      const ids = await Promise.all(['Old importer', 'Yard cameras'].map((name) =>
        person.cell(name, 'Client ID').locator('code').textContent()));
      await person.filter('Client ID', async (group) => {
        await group.getByRole('textbox').fill(ids.join('\n'));
      });
      await finds(['Old importer', 'Yard cameras'], /^Client ID is any of/)();
    });

    await person.leave();
  });
}

test('filters give the view of the rows back, unless there is a mistake among them', async () => {
  const person = await atTheGrid();
  const within = async (days) => {
    await person.filter('Created', async (group) => {
      await group.getByLabel('How to compare').selectOption('last');
      await group.getByLabel('Days', { exact: true }).fill(days);
    });
  };
  const fields = person.page.locator('.filter-fields');
  await within('soon');
  await person.sees('Enter a number of days from 1 to 36500.');
  await fields.waitFor();
  await within('7');
  await fields.waitFor({ state: 'hidden' });
  await person.sees('Created in the last 7 days');
  await person.page.locator('summary', { hasText: /Add filter\s*1/ }).waitFor();
  await person.leave();
});

test('a saved view is shared, and opened by a colleague', async () => {
  const person = await atTheGrid();
  await person.filter('Owner', async (group) => group.getByLabel('Max Muster').check());
  await person.sees('Owner is Max Muster');
  await person.page.reload();
  await person.page.locator('.views-menu summary').click();
  await person.page.getByRole('link', { name: 'Save as view…' }).click();
  const form = person.form('Save View');
  await form.getByLabel('Name', { exact: true }).fill('Max has');
  await form.getByLabel(/^Share with/).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await person.sees('Saved successfully');
  await person.leave();

  const colleague = await atTheGrid({}, manager);
  await colleague.page.locator('.views-menu summary').click();
  await colleague.page.getByRole('link', { name: /^Max has/ }).click();
  await colleague.sees('Owner is Max Muster');
  assert.deepEqual(await colleague.names(), ['Tour planner', 'Yard cameras']);
  await colleague.page.locator('.views-menu summary').click();
  await colleague.sees(/^“Max has” is shared by /);
  await colleague.leave();
});

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${scripts}, of two that are deactivated together one is refused`, async () => {
    const person = await atTheGrid({ javaScriptEnabled });
    const name = javaScriptEnabled ? 'Customs gateway' : 'Label printing';
    await person.deactivateUnlessInactive('Old importer');
    await person.openApplications();
    await person.select(name);
    await person.select('Old importer');
    if (javaScriptEnabled) await person.sees('2 selected');
    await person.page.getByRole('button', { name: 'Deactivate…' }).click();
    await person.seesHeading('Deactivate 1 application');
    await person.sees('It is inactive already.');
    await person.page.getByLabel(/^Reason/).fill('Suspicious traffic');
    await person.page.getByRole('button', { name: 'Deactivate 1 application' }).click();
    await person.seesHeading('1 application deactivated');
    const refused = person.page.getByRole('table', { name: 'Refused' });
    await person.sees('It is inactive already.', refused);
    await person.page.getByRole('link', { name: 'Back to the list' }).click();
    assert.match(await person.cell(name, 'Status').innerText(), /^Inactive/);
    await person.leave();
  });
}

test('the grid is worked with by the keyboard alone', async () => {
  const person = await atTheGrid();
  const { page } = person;
  const keys = page.keyboard;
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());

  await keys.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await keys.press('Escape');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' });

  await keys.press('/');
  await keys.type('planner');
  await eventually('one is left', async () => (await person.names()).join() === 'Tour planner');
  await keys.press('ArrowDown');
  assert.equal(await focused(), 'Tour planner');
  await keys.press('x');
  await person.sees('1 selected');
  await keys.press('Escape');
  await page.getByText('1 selected').waitFor({ state: 'hidden' });
  assert.ok(await page.evaluate(() => {
    const { outlineStyle } = getComputedStyle(document.activeElement);
    return outlineStyle !== 'none';
  }), 'the focus is seen');
  await keys.press('Enter');
  await person.seesHeading('Tour planner');

  await person.openApplications();
  await keys.press('ArrowDown');
  const first = await focused();
  await keys.press('ArrowDown');
  const second = await focused();
  assert.deepEqual([first, second], (await person.names()).slice(0, 2));
  await keys.press('ArrowUp');
  assert.equal(await focused(), first);
  await person.leave();
});
