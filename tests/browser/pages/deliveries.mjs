// What became of letters.

import { eventually } from '../oathbook.mjs';
import { openForm, signedIn } from './ways.mjs';

/** Where nobody was told of anything yet. */
export const NO_LETTERS = [
  { name: 'deliveries-empty', open: (person) => signedIn(person, '/emails/deliveries') },
];

export const DELIVERIES = [
  { name: 'deliveries', given: someLetters, open: (person) => signedIn(person, '/emails/deliveries') },
  { name: 'deliveries-filtered', open: (person) => signedIn(person, '/emails/deliveries?state=sent&state=abandoned') },
  { name: 'deliveries-no-result', open: (person) => signedIn(person, '/emails/deliveries?recipient=nobody') },
  { name: 'delivery', open: openLetter },
  { name: 'delivery-resend-dialog', open: resend },
];

/** One more than those about applications: to whom it goes is invited. */
async function someLetters(oathbook) {
  await oathbook.run('users', 'invite', 'ina', '--email', 'ina@acme.example', '--display-name', 'Ina', '--organization', oathbook.organization);
  await oathbook.invitationFor('ina@acme.example');
  await eventually('the letter is sent', async () => {
    const letters = JSON.parse(await oathbook.run('notifications', 'list', '--state', 'sent', '--recipient', 'ina', '--json'));
    return letters.length === 1;
  });
}

async function openLetter(person) {
  await signedIn(person, '/emails/deliveries?state=sent');
  await person.page.getByRole('rowheader').first().getByRole('link').click();
  await person.page.getByRole('heading', { name: 'What happened' }).waitFor();
}

async function resend(person) {
  await openLetter(person);
  await openForm(person, 'Resend', 'Resend letter');
}
