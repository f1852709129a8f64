import assert from 'node:assert/strict';
import { test } from 'node:test';
import { focused, press } from './keyboard.mjs';
import { eventually } from './oathbook.mjs';
import { setting } from './setting.mjs';

// `quickstart` makes an organization with global access. Nordwind has none.
const NORDWIND = 'Nordwind Logistics';
const THERE = ['Nordwind billing', 'Nordwind fleet'];
let main;
let nils;

const here = setting(async (oathbook) => {
  const organizations = JSON.parse(await oathbook.run('organizations', 'list', '--json'));
  main = organizations.find(({ id }) => id === oathbook.organization).name;
  const nordwind = await oathbook.createOrganization(NORDWIND);
  nils = await oathbook.createUser('Nils', 'manager', nordwind);
  await oathbook.run('organizations', 'admit', nordwind, oathbook.username, '--role', 'auditor');
  await oathbook.createApplication('Warehouse sync');
  for (const name of THERE) await oathbook.createApplication(name, 'nils', [], nordwind);
});

async function atAllApplications(person, account) {
  await person.signIn(account);
  await person.openApplications();
}

async function lists(person, names) {
  await eventually(`${names} are listed`, async () => {
    await person.page.reload();
    return (await person.names()).toSorted().join() === names.toSorted().join();
  });
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${how}, who works in several organizations switches, sees what is there, and stays there`, async () => {
    const person = await here.arrive({ javaScriptEnabled });
    await atAllApplications(person);
    await person.worksIn(main);
    await lists(person, ['Warehouse sync', ...THERE]);
    await person.page.getByRole('columnheader', { name: 'Organization' }).waitFor();

    await person.switchTo(NORDWIND);
    await person.seesHeading('OAuth Applications');
    await lists(person, THERE);
    assert.equal(await person.page.getByRole('columnheader', { name: 'Organization' }).count(), 0);

    await person.page.getByRole('link', { name: THERE[0], exact: true }).click();
    await person.seesHeading(THERE[0]);
    await person.worksIn(NORDWIND);
    await person.openMyUser();
    await person.worksIn(NORDWIND);
    await person.sees(/Auditor in Nordwind Logistics/);
    await person.openApplications();
    await lists(person, THERE);

    await person.page.getByRole('link', { name: THERE[1], exact: true }).click();
    await person.seesHeading(THERE[1]);
    await person.switchTo(main);
    await person.seesHeading('OAuth Applications');
    await lists(person, ['Warehouse sync', ...THERE]);
    await person.leave();
  });
}

test('who works in one organization has nothing to switch, and sees nothing of others', async () => {
  const person = await here.arrive();
  await atAllApplications(person, nils);
  await lists(person, THERE);
  assert.equal(await person.organizationMenu.count(), 0);
  await person.leave();
});

test('a session keeps its organization, whatever another session of the same person does', async () => {
  const one = await here.arrive();
  const other = await here.arrive();
  await one.signIn();
  await other.signIn();
  await one.switchTo(NORDWIND);
  await other.openApplications();
  await other.worksIn(main);
  await one.openApplications();
  await one.worksIn(NORDWIND);
  for (const person of [one, other]) await person.leave();
});

test('the organization is switched by the keyboard alone', async () => {
  const person = await here.arrive();
  const { page } = person;
  await atAllApplications(person);
  await press(page, person.organizationMenu);
  await page.keyboard.press('Escape');
  await focused(person.organizationMenu);
  assert.equal(await page.getByRole('button', { name: NORDWIND, exact: true }).isVisible(), false);
  await page.keyboard.press('Enter');
  await press(page, page.getByRole('button', { name: NORDWIND, exact: true }));
  await person.worksIn(NORDWIND);
  await lists(person, THERE);
  await person.leave();
});
