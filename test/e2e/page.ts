import type { FrameLocator, Page } from 'playwright-core';

/** What the one page that the workbench shows has in it. */
export function shownPage(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

/** Clicks the first link of the shown page that says `text`. */
export async function clickPageLink(page: Page, text: string): Promise<void> {
  await shownPage(page).locator('a', { hasText: text }).first().click();
}
