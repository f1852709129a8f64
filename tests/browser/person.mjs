// A person at a browser: what they see and do, in the words on the screen.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Somebody who has just opened a window of their own, with its own cookies. */
export async function arrive(browser, oathbook, settings = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...settings });
  context.setDefaultTimeout(15_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: oathbook.url });
  await context.addInitScript(tellShifts);
  const page = await context.newPage();
  return new Person(page, oathbook, settings.javaScriptEnabled ?? true);
}

/** Says what moves on a page before its reader does anything. */
function tellShifts() {
  const shifts = new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120)).join(', ');
      // Less than half of what is counted as 0.00 is a row that came in two parts on a slow machine.
      if (!hadRecentInput && value >= 0.0025) console.debug(`Layout shift of ${value} on ${location.pathname}: ${moved}`);
    }
  });
  shifts.observe({ type: 'layout-shift', buffered: true });
  for (const deed of ['pointerdown', 'keydown', 'input']) {
    addEventListener(deed, () => shifts.disconnect(), { capture: true, once: true });
  }
}

class Person {
  /** Errors that scripts raised, policies reported, and parts of pages that moved while this person was here. */
  complaints = [];

  /** The latest answer with a page in it, be it shown as one or in a dialog. */
  answer;

  /** The answer with the document that a frame of this page shows. */
  framed;

  constructor(page, oathbook, hasScript) {
    Object.assign(this, { page, oathbook, hasScript });
    page.on('response', (response) => {
      const isPage = response.headers()['content-type']?.startsWith('text/html');
      const leadsOn = response.status() >= 300 && response.status() < 400;
      if (!isPage || leadsOn) return;
      if (response.frame() !== page.mainFrame()) this.framed = response;
      else if (response.request().isNavigationRequest()) Object.assign(this, { answer: response, framed: undefined });
      else this.answer = response;
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      const isComplaint = /Content Security Policy|^Layout shift/.test(message.text());
      if (isComplaint) this.complaints.push(message.text());
    });
  }

  async leave() {
    await this.page.context().close();
    assert.deepEqual(this.complaints, []);
  }

  async visit(path) {
    await this.page.goto(this.oathbook.url + path);
  }

  async sees(text, within = this.page) {
    await within.getByText(text, { exact: true }).first().waitFor();
  }

  async seesHeading(name) {
    await this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  async fillInSignIn(username, password) {
    await this.page.getByLabel('User name', { exact: true }).fill(username);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async signIn({ username, password } = this.oathbook) {
    await this.visit('/sign-in');
    await this.fillInSignIn(username, password);
    await this.userMenu.waitFor();
  }

  get userMenu() {
    return this.page.getByRole('banner').locator('summary:has(.avatar)');
  }

  /** The switch in the header, which only people of several organizations have. */
  get organizationMenu() {
    return this.page.getByRole('banner').locator('summary:has-text("Organization:")');
  }

  async switchTo(organization) {
    await this.organizationMenu.click();
    await this.page.getByRole('button', { name: organization, exact: true }).click();
    await this.worksIn(organization);
  }

  async worksIn(organization) {
    await this.organizationMenu.filter({ hasText: organization }).waitFor();
  }

  async openApplications() {
    await this.page.getByRole('link', { name: 'Applications', exact: true }).click();
    await this.seesHeading('OAuth Applications');
  }

  async openMyUser() {
    await this.userMenu.click();
    await this.page.getByRole('link', { name: 'My User' }).click();
    await this.seesHeading('My User');
  }

  async signOut() {
    await this.userMenu.click();
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.seesHeading('Sign in');
  }

  /** The dialog of that title; without scripts it is a page of its own. */
  form(title) {
    if (this.hasScript) return this.page.getByRole('dialog', { name: title, exact: true });
    const heading = this.page.getByRole('heading', { name: title, exact: true });
    return this.page.getByRole('main').filter({ has: heading });
  }

  async openCreateForm() {
    await this.page.getByRole('link', { name: 'Add Application' }).click();
    const form = this.form('Create OAuth Application');
    await form.waitFor();
    return form;
  }

  /** Presses Save with that name filled in, whatever comes of it. */
  async saveAs(form, name) {
    await form.getByLabel('Application Name', { exact: true }).fill(name);
    await this.save(form);
  }

  /** On a page of its own the form to edit can be saved without leaving it, too. */
  async save(form) {
    const close = form.getByRole('button', { name: 'Save and Close', exact: true });
    const save = form.getByRole('button', { name: 'Save', exact: true });
    await ((await close.isVisible()) ? close : save).click();
  }

  async addApplication(name) {
    await this.saveAs(await this.openCreateForm(), name);
    const result = this.form('OAuth application has been created.');
    await result.waitFor();
    return result;
  }

  /** The box that shows one of the credentials: "Client ID:", "Client Secret:" … */
  shown(result, label) {
    return result.locator('.credential').filter({ hasText: label }).locator('code');
  }

  async readCredentials(result) {
    return {
      clientId: await this.shown(result, 'Client ID:').innerText(),
      clientSecret: await this.shown(result, 'Client Secret:').innerText(),
    };
  }

  /** Copies one of the credentials and answers what the clipboard then holds. */
  async copy(result, name) {
    await result.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
    await result.getByRole('button', { name: `Copied ${name}`, exact: true }).waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async close(result) {
    await result.getByRole('link', { name: 'Close', exact: true }).click();
    await this.seesHeading('My User');
    if (this.hasScript) await result.waitFor({ state: 'detached' });
  }

  row(name) {
    const header = this.page.getByRole('rowheader', { name, exact: true });
    return this.page.getByRole('row').filter({ has: header });
  }

  cell(name, column) {
    return this.row(name).locator(`[data-label="${column}"]`);
  }

  async names() {
    return this.page.getByRole('rowheader').allInnerTexts();
  }

  /** Opens More Options of a row; answers the entry, a link or a button. */
  async option(name, entry) {
    const row = this.row(name);
    await row.getByLabel(`More Options for ${name}`, { exact: true }).click();
    const is = { name: entry, exact: true };
    return row.getByRole('link', is).or(row.getByRole('button', is));
  }

  async filterByName(text) {
    const box = this.page.getByRole('searchbox', { name: 'Application Name' });
    await box.fill(text);
    await box.press('Enter');
  }

  /** Fills in one of the filters behind "Add filter", and applies it. */
  async filter(legend, fill) {
    const filters = this.page.getByRole('search');
    const group = filters.getByRole('group', { name: legend, exact: true });
    if (!(await group.isVisible())) await filters.getByText('Add filter').click();
    await fill(group);
    await filters.getByRole('button', { name: 'Apply filters' }).click();
  }

  async deactivateUnlessInactive(name) {
    if ((await this.cell(name, 'Status').innerText()).startsWith('Inactive')) return;
    await this.deactivate(name);
  }

  async select(name) {
    await this.row(name).getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  }

  async openEditForm(name) {
    await (await this.option(name, 'Edit')).click();
    const form = this.form('Edit OAuth Application');
    await form.waitFor();
    return form;
  }

  async deactivate(name) {
    await (await this.option(name, 'Deactivate')).click();
    const confirmation = this.form('Deactivate Confirmation');
    await this.sees('Are you sure you want to deactivate the application?', confirmation);
    await confirmation.getByRole('button', { name: 'Yes, do it', exact: true }).click();
    await this.sees('Deactivated successfully');
  }

  async activate(name) {
    await (await this.option(name, 'Activate')).click();
    await this.sees('Activated successfully');
  }

  async delete(name) {
    await (await this.option(name, 'Delete')).click();
    const confirmation = this.form('Delete Confirmation');
    await this.sees('Are you sure you want to delete the application?', confirmation);
    await this.confirmDeletion(confirmation, name);
    await this.sees('Deleted successfully');
  }

  async confirmDeletion(confirmation, name) {
    await confirmation.getByLabel('To delete it, enter its name').fill(name);
    await confirmation.getByRole('button', { name: 'Yes, Delete', exact: true }).click();
  }

  async openApplication(id, name) {
    await this.visit(`/applications/${id}`);
    await this.seesHeading(name);
  }

  /** Opens the menu of an application's page and chooses an entry. */
  async more(entry) {
    await this.page.getByLabel('More Options', { exact: true }).click();
    await this.page.getByRole('link', { name: entry, exact: true }).click();
  }

  /** What the page tells of what was done, the newest first. */
  async told() {
    return this.page.locator('.timeline > li:not(.letter) p').allInnerTexts();
  }

  /** Who was told of it by mail, as the page says, the newest first. */
  async toldByMail() {
    return this.page.locator('.timeline > li.letter p').allInnerTexts();
  }
}
