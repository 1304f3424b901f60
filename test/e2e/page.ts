import type { Frame, FrameLocator, Page } from 'playwright-core';

/** What the page that the workbench shows has in it: the last one's, where there are several. */
export function shownPage(page: Page): FrameLocator {
  const webview = page.locator('iframe.webview.ready').filter({ visible: true }).last();
  return webview.contentFrame().frameLocator('iframe#active-frame');
}

/** The frame that the shown page is in. Rejects where there is none. */
export async function frameOfPage(page: Page): Promise<Frame> {
  const main = await shownPage(page).locator('main').elementHandle();
  const frame = await main.ownerFrame();
  if (!frame) throw new Error('the page has no frame');
  return frame;
}

/** Clicks the first link of the shown page that says `text`. */
export async function clickPageLink(page: Page, text: string): Promise<void> {
  await shownPage(page).locator('a', { hasText: text }).first().click();
}
