import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mapPage, pageAssets, writePage } from '../../server/src/cli/mapPage.js';
import { root } from '../../scripts/setup.mjs';
import { modelOfTree } from '../engine.js';
import { samplePath } from '../samples.js';
import { violationsIn } from './axe.js';
import { screenshot } from './screenshots.js';
import { shownTheme } from './shownTheme.js';
import { chromiumPath, hidingScrollBars } from './workbench.js';

const hasChromium = existsSync(chromiumPath);
if (!hasChromium && process.env['KVM_E2E_REQUIRED']) throw new Error(`no ${chromiumPath}, and KVM_E2E_REQUIRED is set`);

const THEMES = [
  { name: 'light', inVsCode: 'Default Light Modern', colorScheme: 'light', contrast: 'no-preference' },
  { name: 'dark', inVsCode: 'Default Dark Modern', colorScheme: 'dark', contrast: 'no-preference' },
  { name: 'high contrast', inVsCode: 'Default High Contrast', colorScheme: 'dark', contrast: 'more' },
] as const;

describe.skipIf(!hasChromium)(
  hasChromium ? 'the page of the register map' : `the page of the register map (no ${chromiumPath})`,
  () => {
    let directory: string;
    let file: string;
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'map-page-'));
      file = join(directory, 'map.html');
      const assets = pageAssets(pathToFileURL(join(root, 'server/dist/')));
      const model = await modelOfTree(samplePath('load-store-regs'));
      writePage(file, mapPage(model, assets, 'https://source.example/{file}#L{line}'));
      browser = await chromium.launch({
        executablePath: chromiumPath,
        args: ['--no-sandbox', '--disable-gpu'],
        ignoreDefaultArgs: hidingScrollBars,
      });
    });
    afterEach(async () => {
      await page.close();
    });
    afterAll(async () => {
      await browser.close();
      rmSync(directory, { recursive: true });
    });

    /** Opens the page; what the browser complains of is collected, and every request but the page's own. */
    async function open(theme: (typeof THEMES)[number] = THEMES[0], hash = ''): Promise<void> {
      const { colorScheme, contrast } = theme;
      page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme, contrast, bypassCSP: false });
      complaints = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(pathToFileURL(file).href)) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(file).href + hash);
    }

    test.each(THEMES)('has no violation that axe-core finds, $name', async (theme) => {
      await open(theme);
      await page.locator('#map a[href="#RSP-vmx"]').click();
      if (theme.inVsCode === shownTheme) await screenshot(page, 'map');
      await page.locator('#details .close').click();
      await page.locator('.run[data-backend="vmx"] summary').click();
      await page.locator('nav a', { hasText: 'Run' }).click();
      if (theme.inVsCode === shownTheme) await screenshot(page, 'map-timeline');
      await page.locator('.run[data-backend="vmx"] summary').click();
      await page.locator('#map a[href="#CR3-svm"]').click();
      await page.locator('.legend summary').click();
      for (const summary of await page.locator('.run summary, #CR3 .transfers summary').all()) await summary.click();
      expect(await violationsIn(page)).toEqual([]);
    });

    test('asks for nothing, and its policy lets its own script and style alone work', async () => {
      await open();
      await page.locator('#map a[href="#RSP-vmx"]').click();
      expect(complaints).toEqual([]);
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="https://source.example/x.png">')`);
      await expect.poll(() => complaints.join()).toContain('Content Security Policy');
    });

    test('is walked by the keyboard alone', async () => {
      await open();
      expect(await page.locator('.register:visible').count()).toBe(0);
      await page.locator('#filter').focus();
      for (let i = 0; i < 4; i++) await page.keyboard.press('Tab'); // the backends
      await page.keyboard.press('Tab'); // the legend
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('#RAX');
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toBe('#RAX-vmx');
      expect(await page.locator('#why-RAX-vmx').isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await page.locator('#why-RAX-vmx').isVisible()).toBe(false);
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toBe('#RCX-vmx');
      await page.keyboard.press('End');
      expect(await focused()).toBe('#RCX-tdx');
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('title-RCX');
      expect(await page.locator('#RCX .graph').first().isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await page.locator('#RCX').isVisible()).toBe(false);
      expect(await focused()).toBe('#RCX');
      await page.keyboard.press('/');
      await page.keyboard.type('gUEST_rsp');
      expect(await shownRows()).toEqual(['RSP']);
      expect(await page.locator('#count').innerText()).toMatch(/^1 of \d+ rows$/);
    });

    test('filters by what a cell says of a backend that is shown', async () => {
      await open();
      await page.locator('#filter').fill('lazy');
      const both = await shownRows();
      expect(both).toContain('RSP');
      await page.locator('input[value="vmx"]').uncheck();
      expect(await shownRows()).not.toContain('RSP');
      expect(await page.locator('#map thead th').allInnerTexts()).toContain('VMX');
      expect(await page.locator('#map thead th[data-backend="vmx"]').isVisible()).toBe(false);
    });

    test('opens at the register that its address names, and links each transfer to its line', async () => {
      await open(THEMES[0], '#RSP-vmx');
      expect(await page.locator('#RSP-vmx.chosen').isVisible()).toBe(true);
      expect(await page.locator('.register:visible').count()).toBe(1);
      const links = await page
        .locator('#RSP-vmx .edge a')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href')));
      expect(links).toContain('https://source.example/arch/x86/kvm/vmx/vmx.c#L36');
    });

    test('is readable at 800 pixels: nothing is cut off at the side', async () => {
      await open();
      await page.setViewportSize({ width: 800, height: 900 });
      expect(
        await page.evaluate(
          'document.getElementById("content").scrollWidth <= document.getElementById("content").clientWidth',
        ),
      ).toBe(true);
    });

    test('in a panel beside the code all backends have room, and a graph that has not has a scroll bar', async () => {
      await open(THEMES[0], '#CR3-svm');
      await page.setViewportSize({ width: 466, height: 900 });
      expect(
        await page.evaluate(
          'document.getElementById("content").scrollWidth <= document.getElementById("content").clientWidth',
        ),
      ).toBe(true);
      const { hidden, bar } = await page.locator('#CR3-svm .drawing').evaluate((drawing) => ({
        hidden: drawing.scrollWidth - drawing.clientWidth,
        bar: (drawing as HTMLElement).offsetHeight - drawing.clientHeight,
      }));
      expect(hidden).toBeGreaterThan(0);
      expect(bar).toBeGreaterThan(0);
    });

    async function focused(): Promise<unknown> {
      return page.evaluate('document.activeElement.getAttribute("href")');
    }

    async function shownRows(): Promise<string[]> {
      return page.locator('#map tr[data-register]:visible th').allInnerTexts();
    }
  },
);
