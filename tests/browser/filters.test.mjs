// Every way to compare that the forms offer, tried as people do it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

const ADMINISTRATOR = 'Administrator';
const ALL = ['Customs gateway', 'Label printing', 'Old importer', 'Warehouse sync', 'Yard cameras'];
const USED = ['Warehouse sync'];
const UNUSED = ALL.filter((name) => !USED.includes(name));
const MAX = ['Label printing', 'Old importer'];
const NORDWIND = ['Yard cameras'];
const READERS = ['Label printing', 'Warehouse sync'];

const others = (names) => ALL.filter((name) => !names.includes(name));

/** What the tests found when they began: client ids by name, and the day. */
const found = {};

const here = setting(async (oathbook) => {
  await farFromMidnight();
  const nordwind = await oathbook.createOrganization('Nordwind Logistics');
  await oathbook.createUser('Max');
  await oathbook.createUser('Nils', 'auditor', nordwind);
  await oathbook.createApplication('Customs gateway');
  await oathbook.createApplication('Label printing', 'max', ['applications:read', 'users:read']);
  const { id } = await oathbook.createApplication('Old importer', 'max');
  await oathbook.run('applications', 'deactivate', id);
  await oathbook.createApplication('Yard cameras', 'nils', ['audit:read'], nordwind);
  const gone = await oathbook.createApplication('Gone with the wind');
  await oathbook.run('applications', 'delete', gone.id);
  await oathbook.createUsedApplication('Warehouse sync', ['applications:read']);
});

/** What is made today must still be made today when it is looked at. */
async function farFromMidnight() {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < 240_000) await new Promise((next) => setTimeout(next, left + 1000));
}

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** A field with its legend, how it is filled in, and per operator what is filled in, what is found and how it is said. */
const FIELDS = [
  {
    field: 'name',
    legend: 'Application Name',
    fill: fillText,
    cases: [
      ['contains', 'PRINT', MAX.slice(0, 1), 'contains “PRINT”'],
      ['not_contains', 'E', [], 'does not contain “E”'],
      ['not_contains', 'im', others(['Old importer']), 'does not contain “im”'],
      ['equals', 'old IMPORTER', ['Old importer'], 'is equal to “old IMPORTER”'],
      ['differs', 'Old importer', others(['Old importer']), 'is not equal to “Old importer”'],
      ['starts_with', 'ware', ['Warehouse sync'], 'starts with “ware”'],
      ['ends_with', 'ing', ['Label printing'], 'ends with “ing”'],
      ['any_of', 'yard cameras, old importer', ['Old importer', 'Yard cameras'], 'is any of “yard cameras”, “old importer”'],
      ['none_of', 'Yard cameras; Old importer', others(['Old importer', 'Yard cameras']), 'is not any of “Yard cameras”, “Old importer”'],
      ['empty', null, [], 'is empty'],
      ['not_empty', null, ALL, 'is not empty'],
    ],
  },
  {
    field: 'client_id',
    legend: 'Client ID',
    fill: fillText,
    cases: [
      ['contains', (id) => id('Old importer').slice(4, 14), ['Old importer']],
      ['not_contains', (id) => id('Old importer').slice(4, 14), others(['Old importer'])],
      ['equals', (id) => id('Old importer'), ['Old importer']],
      ['differs', (id) => id('Old importer'), others(['Old importer'])],
      ['starts_with', (id) => id('Yard cameras').slice(0, 10), ['Yard cameras']],
      ['ends_with', (id) => id('Yard cameras').slice(-10), ['Yard cameras']],
      ['any_of', (id) => `${id('Yard cameras')}\n${id('Old importer')}`, ['Old importer', 'Yard cameras']],
      ['none_of', (id) => MAX.map(id).join(' '), others(MAX)],
    ],
  },
  {
    field: 'organization',
    legend: 'Organization',
    fill: fillChoice,
    cases: [
      ['any_of', ['Nordwind Logistics'], NORDWIND, 'is Nordwind Logistics'],
      ['none_of', ['Nordwind Logistics'], others(NORDWIND), 'is not Nordwind Logistics'],
    ],
  },
  {
    field: 'organization_name',
    legend: 'Organization’s name',
    fill: fillText,
    cases: [
      ['contains', 'wind', NORDWIND, 'contains “wind”'],
      ['not_contains', 'wind', others(NORDWIND), 'does not contain “wind”'],
      ['equals', 'nordwind logistics', NORDWIND, 'is equal to “nordwind logistics”'],
      ['differs', 'Nordwind Logistics', others(NORDWIND), 'is not equal to “Nordwind Logistics”'],
      ['starts_with', 'nord', NORDWIND, 'starts with “nord”'],
      ['ends_with', 'logistics', NORDWIND, 'ends with “logistics”'],
      ['any_of', 'Nordwind Logistics, Südwind', NORDWIND, 'is any of “Nordwind Logistics”, “Südwind”'],
      ['none_of', 'Nordwind Logistics, Südwind', others(NORDWIND), 'is not any of “Nordwind Logistics”, “Südwind”'],
    ],
  },
  {
    field: 'owner',
    legend: 'Owner',
    fill: fillChoice,
    cases: [
      ['any_of', ['Max Muster', ADMINISTRATOR], others(NORDWIND), /^Owner is any of .*Max Muster/],
      ['none_of', ['Max Muster'], others(MAX), 'is not Max Muster'],
    ],
  },
  {
    field: 'owner_name',
    legend: 'Owner’s name',
    fill: fillText,
    cases: [
      ['contains', 'muster', [...MAX, ...NORDWIND], 'contains “muster”'],
      ['not_contains', 'muster', others([...MAX, ...NORDWIND]), 'does not contain “muster”'],
      ['equals', 'max muster', MAX, 'is equal to “max muster”'],
      ['equals', 'max', MAX, 'is equal to “max”'],
      ['differs', 'max', others(MAX), 'is not equal to “max”'],
      ['starts_with', 'nil', NORDWIND, 'starts with “nil”'],
      ['ends_with', 'x muster', MAX, 'ends with “x muster”'],
      ['any_of', 'max, nils', [...MAX, ...NORDWIND], 'is any of “max”, “nils”'],
      ['none_of', 'max, nils', others([...MAX, ...NORDWIND]), 'is not any of “max”, “nils”'],
    ],
  },
  {
    field: 'status',
    legend: 'Status',
    fill: fillChoice,
    cases: [
      ['any_of', ['Inactive'], ['Old importer'], 'is Inactive'],
      ['any_of', ['Deleted'], ['Gone with the wind'], 'is Deleted'],
      ['any_of', ['Active', 'Deleted'], [...others(['Old importer']), 'Gone with the wind'], 'is any of Active, Deleted'],
      ['none_of', ['Inactive'], others(['Old importer']), 'is not Inactive'],
    ],
  },
  {
    field: 'grant',
    legend: 'Grant Type',
    fill: fillChoice,
    cases: [
      ['any_of', ['Client Credentials'], ALL, 'is Client Credentials'],
      ['none_of', ['Client Credentials'], [], 'is not Client Credentials'],
    ],
  },
  {
    field: 'scope',
    legend: 'Scopes',
    fill: fillText,
    cases: [
      ['any_of', 'applications:read', READERS, 'is applications:read'],
      ['any_of', 'audit:read users:read', ['Label printing', 'Yard cameras'], 'is any of audit:read, users:read'],
      ['none_of', 'applications:read', others(READERS), 'is not applications:read'],
    ],
  },
  { field: 'created', legend: 'Created', fill: fillDays, cases: days('Created', ALL, []) },
  {
    field: 'last_used',
    legend: 'Last Used',
    fill: fillDays,
    // What was never used was used on no day at all.
    cases: [
      ...days('Last used', USED, []),
      ['not_for', { Days: '90' }, UNUSED, /^Not used for 90 days$/],
      ['not_for', { Days: '1' }, UNUSED, /^Not used for a day$/],
      ['never', {}, UNUSED, /^Never used$/],
      ['ever', {}, USED, /^Used at least once$/],
    ],
  },
];

/** Everything was made and used today: each comparison is tried with days that hold it and days that do not. */
function days(label, it, nothing) {
  const said = (words) => new RegExp(`^${label} ${words}$`);
  return [
    ['last', { Days: '7' }, it, said('in the last 7 days')],
    ['today', {}, it, said('today')],
    ['this_month', {}, it, said('this month')],
    ['between', { From: day(-2), To: day(0) }, it, said(`between ${day(-2)} and ${day(0)}`)],
    ['between', { From: day(-9), To: day(-1) }, nothing, said(`between ${day(-9)} and ${day(-1)}`)],
    ['not_between', { From: day(-2), To: day(0) }, nothing, said(`not between ${day(-2)} and ${day(0)}`)],
    ['not_between', { From: day(-9), To: day(-1) }, it, said(`not between ${day(-9)} and ${day(-1)}`)],
    ['before', { To: day(1) }, it, said(`before ${day(1)}`)],
    ['before', { To: day(0) }, nothing, said(`before ${day(0)}`)],
    ['after', { From: day(-1) }, it, said(`after ${day(-1)}`)],
    ['after', { From: day(0) }, nothing, said(`after ${day(0)}`)],
    ['equals', { From: day(0) }, it, said(`on ${day(0)}`)],
    ['equals', { From: day(-1) }, nothing, said(`on ${day(-1)}`)],
    ['not_equals', { From: day(-1) }, it, said(`not on ${day(-1)}`)],
    ['not_equals', { From: day(0) }, nothing, said(`not on ${day(0)}`)],
  ];
}

async function fillText(group, value) {
  const box = group.getByRole('textbox').or(group.getByRole('searchbox'));
  if (value !== null) await box.fill(typeof value === 'function' ? value((name) => found[name]) : value);
}

async function fillChoice(group, labels) {
  for (const label of labels) await group.getByLabel(label, { exact: true }).check();
}

async function fillDays(group, inputs) {
  for (const [label, value] of Object.entries(inputs)) await group.getByLabel(label, { exact: true }).fill(value);
}

/** The way to compare that the form offers, as `field:operator`. */
function offered(page) {
  return page.getByRole('search').locator('select[name$="_op"]').evaluateAll((selects) =>
    selects.flatMap(({ name, options }) =>
      [...options].filter(({ value }) => value).map(({ value }) => `${name.slice(0, -3)}:${value}`)));
}

/** Where somebody fills in a field: the name's stands always there, the others behind a button. */
async function fieldOf(person, { field, legend }) {
  const filters = person.page.getByRole('search');
  if (field === 'name') return filters.locator('.joined');
  const group = filters.getByRole('group', { name: legend, exact: true });
  if (!(await group.isVisible())) await filters.getByText('Add filter').click();
  return group;
}

async function atTheGrid(settings) {
  const person = await here.arrive(settings);
  await person.signIn();
  await person.openApplications();
  await eventually('all applications are shown, with the use of one', async () => {
    await person.page.reload();
    const used = await person.cell('Warehouse sync', 'Last Used').innerText();
    return (await person.names()).length === ALL.length && used !== 'Never';
  });
  for (const name of ALL) {
    found[name] = await person.cell(name, 'Client ID').locator('code').textContent();
  }
  return person;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${how}, every way to compare finds what it says`, async (t) => {
    const person = await atTheGrid({ javaScriptEnabled });
    const { page } = person;
    const tried = new Set();
    for (const kind of FIELDS) {
      await t.test(kind.legend, async () => {
        await person.openApplications();
        for (const [operator, value, names, words] of kind.cases) {
          const group = await fieldOf(person, kind);
          await group.getByLabel(/^How to compare/).selectOption(operator);
          await kind.fill(group, value);
          const apply = page.getByRole('search').getByRole('button', { name: 'Apply filters' });
          if (kind.field === 'name' && javaScriptEnabled) await page.keyboard.press('Enter');
          else if (kind.field === 'name') await page.getByRole('button', { name: 'Filter', exact: true }).click();
          else await apply.click();
          const expected = names.toSorted().join();
          await eventually(`${kind.field} ${operator} finds ${expected || 'nothing'}`, async () =>
            (await person.names()).toSorted().join() === expected && (await chips(page)).length === 1);
          const [chip] = await chips(page);
          if (words instanceof RegExp) assert.match(chip, words);
          else if (words) assert.equal(chip, `${kind.legend} ${words}`);
          else assert.ok(chip.startsWith(`${kind.legend} `));
          if (names.length === 0) await person.seesHeading('No Results Found');
          tried.add(`${kind.field}:${operator}`);
          await page.getByRole('link', { name: 'Clear', exact: true }).click();
          await eventually('all are back', async () => (await person.names()).length === ALL.length);
        }
      });
    }
    await t.test('and no other way is offered', async () => {
      assert.deepEqual((await offered(page)).toSorted(), [...tried].toSorted());
    });
    await person.leave();
  });
}

async function chips(page) {
  const texts = await page.getByRole('list', { name: 'Filters in use' }).getByRole('listitem').allInnerTexts();
  return texts.map((text) => text.trim());
}

const PEOPLE = [ADMINISTRATOR, 'Ida', 'Max Muster', 'Nils Muster', 'Zoe'];

test('every choice of the list of users finds whom it says', async (t) => {
  const { oathbook } = here;
  const place = ['--organization', oathbook.organization];
  const named = (name) => ['--email', `${name}@acme.example`, '--display-name', name];
  await oathbook.run('users', 'invite', 'zoe', ...named('Zoe'), ...place, '--role', 'manager');
  await oathbook.run('users', 'create', 'ida', ...named('Ida'), ...place);
  await oathbook.run('users', 'disable', 'ida');
  const person = await here.arrive();
  const { page } = person;
  await person.signIn();
  await person.visit('/users');
  const listed = (names) => eventually(`${names} are listed`, async () =>
    (await person.names()).toSorted().join() === names.toSorted().join());
  await eventually('the server knows everybody', async () => {
    await page.reload();
    return (await person.names()).length === PEOPLE.length;
  });
  const tried = new Set();
  for (const [label, choice, names] of [
    ['Organization', 'Nordwind Logistics', ['Nils Muster']],
    ['Organization', 'Main organization', PEOPLE.filter((name) => name !== 'Nils Muster')],
    ['Role', 'Member', ['Ida', 'Max Muster']],
    ['Role', 'Auditor', ['Nils Muster']],
    ['Role', 'Manager', ['Zoe']],
    ['Role', 'Administrator', [ADMINISTRATOR]],
    ['Status', 'Enabled', [ADMINISTRATOR, 'Max Muster', 'Nils Muster']],
    ['Status', 'Invited', ['Zoe']],
    ['Status', 'Disabled', ['Ida']],
  ]) {
    await t.test(`${label}: ${choice}`, async () => {
      await page.getByRole('search').getByLabel(label, { exact: true }).selectOption(choice);
      await listed(names);
      await page.getByRole('link', { name: 'Clear', exact: true }).click();
      await listed(PEOPLE);
      tried.add(`${label}: ${choice}`);
    });
  }
  await t.test('a part of the name or of the address', async () => {
    const box = page.getByRole('searchbox', { name: 'Name or e-mail' });
    await box.fill('MUSTER');
    await listed(['Max Muster', 'Nils Muster']);
    await box.fill('zoe@acme');
    await listed(['Zoe']);
  });
  await t.test('and there is no other choice', async () => {
    const choices = await page.getByRole('search').locator('select').evaluateAll((selects) =>
      selects.flatMap(({ labels, options }) =>
        [...options].filter(({ value }) => value).map(({ text }) => `${labels[0].textContent}: ${text}`)));
    assert.deepEqual(choices.toSorted(), [...tried].toSorted());
  });
  await person.leave();
});
