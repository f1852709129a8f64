// Every page and dialog there is, each with the way to it, and the four looks each must work in. `pages.test.mjs` fails when
// a route or a template is on none of them.

import { ENTRANCE, OWN } from './pages/own.mjs';
import { DELIVERIES, NO_LETTERS } from './pages/deliveries.mjs';
import { RULES } from './pages/emails.mjs';
import { TEMPLATES } from './pages/templates.mjs';
import { GRID, VIEWS } from './pages/grid.mjs';
import { ACCOUNT, ORGANIZATIONS, USERS } from './pages/people.mjs';
import { FAILURES } from './pages/failures.mjs';
import { LIFE, SYSTEM } from './pages/lifecycle.mjs';
import { PROGRAMS } from './pages/programs.mjs';

export const LOOKS = [1280, 390].flatMap((width) =>
  ['light', 'dark'].map((colorScheme) => ({
    name: `${width}-${colorScheme}`,
    settings: { colorScheme, viewport: { width, height: width < 768 ? 844 : 800 } },
  })),
);

/** In this order: the first ones show an installation without applications, the last ones one that is broken. */
export const PAGES = [
  ...ENTRANCE,
  ...NO_LETTERS,
  ...OWN,
  ...GRID,
  ...VIEWS,
  ...LIFE,
  ...SYSTEM,
  ...RULES,
  ...TEMPLATES,
  ...DELIVERIES,
  ...USERS,
  ...ORGANIZATIONS,
  ...ACCOUNT,
  ...PROGRAMS,
  ...FAILURES,
];
