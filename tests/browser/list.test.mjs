import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const here = setting();
const NAMES = Array.from({ length: 26 }, (_, index) => `Partner ${String(index).padStart(2, '0')}`);

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${scripts}, the list can be searched, sorted and paged`, async (t) => {
    const person = await here.arrive({ javaScriptEnabled });
    await person.signIn();
    await person.openMyUser();

    if (javaScriptEnabled) {
      await t.test('empty, it says what it will hold and offers to begin', async () => {
        await person.seesHeading('There are no oauth applications');
        assert.equal(await person.page.getByRole('link', { name: 'Add Application' }).count(), 1);
      });
      await fill(person);
    }

    await t.test('it shows a page of 25 and says how many there are', async () => {
      assert.equal((await person.names()).length, 25);
      await person.sees('26 applications');
    });

    await t.test('a column title sorts, and sorts the other way', async () => {
      await sortBy(person, 'Application Name', 'ascending');
      assert.deepEqual(await person.names(), NAMES.slice(0, 25));
      await sortBy(person, 'Application Name', 'descending');
      assert.deepEqual(await person.names(), NAMES.toReversed().slice(0, 25));
    });

    await t.test('the next page holds the rest', async () => {
      await person.page.getByRole('link', { name: 'Next' }).click();
      await person.sees('26–26');
      assert.deepEqual(await person.names(), [NAMES[0]]);
      await person.page.getByRole('link', { name: 'Previous' }).click();
      await person.sees('1–25');
    });

    await t.test('a part of the name finds its applications', async () => {
      await search(person, 'partner 1');
      await eventually('ten are left', async () => (await person.names()).length === 10);
    });

    await t.test('filters are joined', async () => {
      await chooseStatus(person, 'inactive');
      await eventually('one is left', async () => (await person.names()).join() === 'Partner 13');
      await chooseStatus(person, 'active');
      await eventually('nine are left', async () => (await person.names()).length === 9);
    });

    await t.test('no result says so, and the filters can be cleared', async () => {
      await search(person, 'nobody');
      await person.seesHeading('No Results Found');
      await person.page.getByRole('link', { name: 'Clear', exact: true }).click();
      await eventually('all are back', async () => (await person.names()).length === 25);
    });

    await person.leave();
  });
}

/** One application after the other beside the running server, as an operator would. */
async function fill(person) {
  for (const name of NAMES) await here.oathbook.createApplication(name);
  await eventually('the list is full', async () => {
    await person.page.reload();
    return person.page.getByText('26 applications', { exact: true }).isVisible();
  });
  await person.deactivate('Partner 13');
}

async function sortBy(person, column, direction) {
  const title = person.page.getByRole('columnheader', { name: column });
  await eventually(`${column} is ${direction}`, async () => {
    if ((await title.getAttribute('aria-sort')) === direction) return true;
    await Promise.all([person.page.waitForEvent('load'), title.getByRole('link').click()]);
    return false;
  });
}

function search(person, text) {
  return person.filterByName(text);
}

async function chooseStatus(person, status) {
  const filters = person.page.getByRole('search');
  const panel = filters.getByText('Add filter');
  if (!(await filters.getByRole('group', { name: 'Status' }).isVisible())) await panel.click();
  for (const box of await filters.getByRole('group', { name: 'Status' }).getByRole('checkbox').all()) {
    await box.setChecked((await box.getAttribute('value')) === status);
  }
  await filters.getByRole('button', { name: 'Apply filters' }).click();
}
