// Who is told of what: the section "Emails".

import { signedIn } from './ways.mjs';

export const RULES = [
  { name: 'rules', open: (person) => signedIn(person, '/emails/rules') },
  { name: 'rules-no-result', open: (person) => signedIn(person, '/emails/rules?text=nothing') },
];
