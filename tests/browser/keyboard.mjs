// A person who has no mouse: Tab, Enter, and a focus that is always seen.

import assert from 'node:assert/strict';

/** Tabs to the target and presses Enter. */
export async function press(page, target) {
  await target.waitFor();
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Opens a menu unless it stands open already. */
export async function openMenu(page, summary) {
  const open = await summary.evaluate((element) => element.parentElement.open);
  if (!open) await press(page, summary);
}

/** Waits until the target has the focus. */
export async function focused(target) {
  await target.waitFor();
  const handle = await target.elementHandle();
  await target.page().waitForFunction((element) => element === document.activeElement, handle);
}

/** Tabs until the focus is on the target; on the way the focus must always be seen. */
async function tabTo(page, target) {
  for (let stops = 0; stops < 60; stops += 1) {
    if (await isFocused(target)) return;
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(focusIsSeen), `the focus is not seen at stop ${stops + 1}`);
  }
  assert.fail(`the keyboard does not reach ${target}`);
}

function isFocused(target) {
  return target.evaluate((element) => element === document.activeElement);
}

function focusIsSeen() {
  const element = document.activeElement;
  if (element === document.body) return true;
  const { outlineStyle, boxShadow } = getComputedStyle(element);
  return outlineStyle !== 'none' || boxShadow !== 'none';
}
