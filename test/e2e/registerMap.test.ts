import { describe, expect, test } from 'vitest';
import type { FrameLocator, Page } from 'playwright-core';
import { missingForVsCode } from './availability.js';
import { violationsIn } from './axe.js';
import { isAt, openAt, runCommand, treeIsRead } from './editor.js';
import { token } from './kernel72.js';
import { frameOfPage } from './page.js';
import { screenshot, walkthroughPicture } from './screenshots.js';
import { until } from './until.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

const vmx = 'arch/x86/kvm/vmx/vmx.c';
const load = token.bind(null, vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/);

describe.skipIf(missing !== null)(title('the register map in VS Code'), () => {
  const page = useWorkbench({ settings: { 'editor.codeLens': false } });

  test('opens from the palette, for the tree of the active file', { timeout: 180_000 }, async () => {
    await treeIsRead(page());
    await openAt(page(), load());
    await runCommand(page(), 'Show Register Map');
    const map = mapOf(page());
    await map.locator('#map a[href="#RSP-vmx"]').waitFor();
    expect(await map.locator('a[href="#RSP-vmx"] .where').innerText()).toBe('GUEST_RSP');
    expect(await map.locator('.title p').innerText()).toMatch(/^Linux 7\.2/);
    await screenshot(page(), 'map-panel');
    await walkthroughPicture(page(), 'map', page().locator('iframe.webview.ready'));
  });

  test('has no violation that axe-core finds, and is walked by the keyboard alone', async () => {
    const map = mapOf(page());
    expect(await violationsIn(await frameOfPage(page()))).toEqual([]);
    const focused = async () => {
      const link = map.locator('a:focus');
      return (await link.count()) === 1 ? link.getAttribute('href') : null;
    };
    await page().keyboard.press('/');
    await map.locator('#filter:focus').waitFor();
    await page().keyboard.type('RSP');
    await until(
      async () => {
        await page().keyboard.press('Tab');
        return (await focused()) === '#RSP';
      },
      () => 'Tab does not lead to RSP',
    );
    await page().keyboard.press('ArrowRight');
    await page().keyboard.press('Enter');
    await map.locator('#title-RSP:focus').waitFor();
    await page().keyboard.press('Escape');
    await expect.poll(focused).toBe('#RSP-vmx');
    await map.locator('#filter').fill('');
  });

  test('shows where a register comes from, and goes to the code', async () => {
    const map = mapOf(page());
    await map.locator('#map a[href="#RSP-vmx"]').click();
    await map.locator('#RSP-vmx .graph').waitFor();
    // From the beginning, and nothing but what is scrolled in it moves: VS Code scrolls to where a link leads, unless it is kept from that.
    expect(await map.locator('#details').evaluate((details) => details.scrollTop)).toBe(0);
    expect(await map.locator('html').evaluate((html) => html.scrollTop)).toBe(0);
    await screenshot(page(), 'map-register');
    await map.locator('#RSP-vmx .edge.exit a').first().click();
    await isAt(page(), { file: load().file, line: load().line });
  });

  test('is made anew after an edit, with the selection and the scrolling as they were', async () => {
    const map = mapOf(page());
    await map.locator('#content').evaluate((content) => (content.scrollTop = 120));
    await page().keyboard.press('Control+Home');
    await page().keyboard.type('/* vmx_cache_reg moves down */');
    await page().keyboard.press('Enter');
    const line = String(load().line + 1);
    await expect
      .poll(() => map.locator('#RSP-vmx .edge.exit a').first().getAttribute('href'))
      .toMatch(new RegExp(`#L${line}$`));
    expect(await map.locator('#RSP-vmx.chosen').count()).toBe(1);
    expect(await map.locator('#content').evaluate((content) => content.scrollTop)).toBe(120);
    await runCommand(page(), 'File: Revert File');
  });

  test('shows a run step by step when that is opened', async () => {
    const map = mapOf(page());
    const run = map.locator('.run[data-backend="vmx"]');
    await run.locator('summary').click();
    await run.locator('.steps li', { hasText: 'vmx_vcpu_run' }).first().waitFor();
  });

  test('lists registers, backends and code in the tree view', async () => {
    await runCommand(page(), 'Explorer: Focus on KVM Registers View');
    const view = page().locator('.pane', { has: page().locator('.pane-header', { hasText: 'KVM Registers' }) });
    const focused = () => view.locator('.monaco-list-row.focused').innerText();
    const unfold = async (label: string) => {
      await expect.poll(focused).toMatch(new RegExp(`^${label}`));
      // Unfolds it; once its children are there, goes to the first.
      await until(
        async () => {
          await page().keyboard.press('ArrowRight');
          return !(await focused()).startsWith(label);
        },
        () => `${label} does not unfold`,
      );
    };
    await view.locator('.monaco-list-row', { hasText: 'RSP' }).first().click();
    await unfold('RSP');
    await unfold('VMX');
    await unfold('Load');
    await screenshot(page(), 'register-tree');
    expect(await focused()).toContain('vmx_cache_reg');
    await page().keyboard.press('Enter');
    await isAt(page(), { file: load().file, line: load().line });
  });

  test('is there again when the window is loaded again, with its selection', async () => {
    await page().reload();
    await treeIsRead(page());
    await mapOf(page()).locator('#RSP-vmx.chosen').waitFor();
  });
});

/** The map's page inside of its panel. */
function mapOf(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}
