// What became of letters: seen, sent again, called off, and told where they belong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './oathbook.mjs';
import { byPost } from './post.mjs';
import { setting } from './setting.mjs';

const NO_SUCH_USER = '550 5.1.1 No such user here';
const GREYLISTED = '450 4.7.1 Greylisted, come back later';

let post;
const here = setting(async (oathbook) => {
  post = await byPost(oathbook);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`${how}, a letter that was refused is seen, sent again, and arrives`, async () => {
    await post.refuses(NO_SUCH_USER);
    const name = `Refused ${how}`;
    const application = await here.oathbook.createApplication(name);
    const person = await here.arrive({ javaScriptEnabled });
    await person.signIn();
    await comesTo(person, application, 'Abandoned');
    const row = person.page.getByRole('row').filter({ hasText: NO_SUCH_USER });
    assert.equal(await row.locator('[data-label="About"]').innerText(), name);
    await row.getByRole('rowheader').getByRole('link').click();
    await person.seesHeading('Application created');
    await person.page.locator('.timeline').getByText(NO_SUCH_USER).waitFor();

    await post.takes();
    await person.page.getByRole('link', { name: 'Resend', exact: true }).click();
    const form = person.form('Resend letter');
    await form.getByText(/^It goes to .* \(\S+@\S+\)\.$/).waitFor();
    await form.getByRole('button', { name: 'Resend', exact: true }).click();
    await person.sees('The letter is on its way again.');
    await comesTo(person, application, 'Sent');
    const [letter] = (await post.letters()).filter((text) => text.includes(name));
    await person.page.getByRole('rowheader').getByRole('link').click();
    const [, messageId] = /^Message-ID: (\S+)$/m.exec(letter);
    await person.sees(messageId);
    const told = await person.told();
    assert.match(told[0], /^Sent by attempt 2: “taken by sendmail”/);

    await person.openApplication(application.id, name);
    assert.deepEqual(await person.toldByMail(), ['You were told by mail: Application created']);
    await person.page.locator('.letter').getByRole('link').click();
    await person.sees(messageId);
    await person.leave();
  });

  test(`${how}, a letter that waits is canceled`, async () => {
    await post.saysLater(GREYLISTED);
    const application = await here.oathbook.createApplication(`Canceled ${how}`);
    const person = await here.arrive({ javaScriptEnabled });
    await person.signIn();
    // Between two attempts it is being sent, and then not to be canceled.
    await eventually('the letter is canceled', async () => {
      await comesTo(person, application, 'Waiting');
      await person.page.getByRole('rowheader').getByRole('link').click();
      const button = person.page.getByRole('button', { name: 'Cancel', exact: true });
      if (!(await button.isEnabled())) return false;
      await button.click();
      return person.sees('The letter has been canceled.').then(() => true, () => false);
    });
    await person.page.getByRole('button', { name: /^Cancel ?: It was canceled/ }).waitFor();
    const [last] = await person.told();
    assert.match(last, /^Canceled by /);
    await post.takes();
    await person.leave();
  });
}

test('letters are found by state, occasion and recipient, page by page', async () => {
  await post.takes();
  const names = Array.from({ length: 27 }, (_, number) => `Many ${number + 1}`);
  for (const name of names) await here.oathbook.createApplication(name);
  const person = await here.arrive();
  await person.signIn();
  await eventually('all letters are sent', async () => {
    await person.visit('/emails/deliveries?state=waiting&state=attempted');
    return (await person.names()).length === 0;
  });
  await person.visit('/emails/deliveries');
  const filters = person.page.getByRole('search');
  await filters.getByText('State', { exact: true }).click();
  await filters.getByLabel('Sent', { exact: true }).check();
  await person.sees('State is Sent');
  await filters.getByLabel('Occasion').selectOption('Application created');
  await person.sees('Occasion is Application created');
  assert.equal((await person.names()).length, 25);
  const first = await abouts(person);
  await person.page.getByRole('link', { name: 'Next', exact: true }).click();
  await person.page.getByRole('link', { name: 'Previous', exact: true }).waitFor();
  const second = await abouts(person);
  assert.deepEqual([...first, ...second].filter((name) => name.startsWith('Many')).sort(), names.sort());
  await person.page.getByRole('link', { name: 'Previous', exact: true }).click();
  await eventually('the first page is back', async () => (await abouts(person)).join() === first.join());

  await filters.getByLabel('User name of the recipient').fill('nobody');
  await person.sees('No Results Found');
  await person.page.getByText('There is no user of this name.').waitFor();
  await person.page.getByRole('link', { name: 'Clear', exact: true }).first().click();
  await person.page.getByRole('link', { name: 'Next', exact: true }).waitFor();
  await person.leave();
});

/** Shows the letters about the application, as soon as there is one in this state and no other. */
async function comesTo(person, application, state) {
  await eventually(`the letter is ${state}`, async () => {
    await person.visit(`/emails/deliveries?application=${application.id}`);
    const states = await person.page.locator('[data-label="State"] .status').allInnerTexts();
    return states.join() === state;
  });
}

function abouts(person) {
  return person.page.locator('[data-label="About"]').allInnerTexts();
}
