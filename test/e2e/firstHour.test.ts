import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import type { Locator } from 'playwright-core';
import { samplePath } from '../samples.js';
import { missingForVsCodeOnSamples } from './availability.js';
import { violationsIn } from './axe.js';
import { descendants } from './descendants.js';
import { cursorPlace, hasCommand, isAt, openAt, pickFirst, runCommand, tabTo } from './editor.js';
import { token } from './kernel72.js';
import { clickPageLink, frameOfPage, shownPage } from './page.js';
import { screenshot, walkthroughPicture } from './screenshots.js';
import { until } from './until.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCodeOnSamples();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);
const sample = samplePath('load-store-regs');
const vmx = 'arch/x86/kvm/vmx/vmx.c';
const lazyLoad = () => token(vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/, sample);

describe.skipIf(missing !== null)(title('VS Code on a folder that is a kernel tree'), () => {
  const page = useWorkbench({ folders: () => [sample] });
  const status = () => page().locator('.statusbar-item', { hasText: 'Linux 7.2.0' });

  test('says so before a file is opened', async () => {
    await status().waitFor();
    const label = await status().locator('[aria-label*="KVM Register Lens"]').getAttribute('aria-label');
    expect(label).toContain(sample);
    expect(label).toMatch(
      /Backends: VMX, SVM, SEV-ES, TDX\. Findings: none\. Not known: (?:nothing|something of \d+) of \d+ owners/,
    );
  });

  test("has a menu at the status bar's item", async () => {
    await status().click();
    for (const command of ['Register Map', 'Check Tree', 'Show Log', 'Restart Language Server'])
      await page().locator('.quick-input-list .monaco-list-row', { hasText: command }).waitFor();
    expect(await page().locator('.quick-input-title').innerText()).toContain(sample);
    const input = page().locator('.quick-input-widget input.input');
    expect(await input.getAttribute('placeholder')).toMatch(/^Backends: .* · Findings: none · Not known: /);
    await page().keyboard.press('Escape');
  });

  test('shows no finding of a clean kernel', async () => {
    await openAt(page(), token('arch/x86/kvm/kvm_emulate.h', /(NR_EMULATOR_GPRS)\s+16/, sample));
    await runCommand(page(), 'Check Tree');
    await shownPage(page()).getByText('rules find nothing').waitFor();
    expect(await page().locator('#status\\.problems').getAttribute('aria-label')).toContain('No Problems');
    await runCommand(page(), 'View: Close All Editors');
  });

  test('shows XSAVE state as a page whose links lead to the code', async () => {
    await runCommand(page(), 'Show XSAVE State');
    await shownPage(page()).getByRole('heading', { name: 'XSAVE state' }).waitFor();
    await screenshot(page(), 'xsave-page');
    await walkthroughPicture(page(), 'xsave', page().locator('iframe.webview.ready').filter({ visible: true }));
    expect(await violationsIn(await frameOfPage(page()))).toEqual([]);
    const cutOff = shownPage(page())
      .locator('html')
      .evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(await cutOff).toBe(0);
    const link = shownPage(page())
      .locator('a', { hasText: /^x86\.c:\d+$/ })
      .first();
    const line = Number((await link.innerText()).split(':')[1]);
    await link.click();
    await isAt(page(), { file: join(sample, 'arch/x86/kvm/x86.c'), line });
    await runCommand(page(), 'View: Close All Editors');
  });

  test('explains a register on a page beside the code', async () => {
    await openAt(page(), lazyLoad());
    await runCommand(page(), 'Explain Register at Cursor');
    await shownPage(page()).getByRole('heading', { name: 'RSP', exact: true }).waitFor();
    await page().locator('.tab', { hasText: 'RSP' }).waitFor();
    await screenshot(page(), 'explain');
    expect(await violationsIn(await frameOfPage(page()))).toEqual([]);
    expect(await cursorPlace(page())).toEqual({ file: lazyLoad().file, line: lazyLoad().line }); // the code keeps the focus
    await clickPageLink(page(), 'svm/svm.c');
    await page().locator('.tab.active', { hasText: 'svm.c' }).waitFor();
    await runCommand(page(), 'View: Close All Editors');
  });

  test('the explanation follows the cursor when asked, in its place, and stays otherwise', async () => {
    const tab = (name: string) => page().locator('.tab', { hasText: new RegExp(`^${name}$`) });
    const toggle = 'Let the Explanation Follow the Cursor, or Stay';
    const goTo = (register: string) =>
      openAt(page(), token('arch/x86/include/asm/kvm_host.h', new RegExp(`(VCPU_REGS_${register}) =`), sample));
    await goTo('RSP');
    await runCommand(page(), 'Explain Register at Cursor');
    await tab('RSP').waitFor();
    await runCommand(page(), toggle);
    await goTo('RBX');
    await shownPage(page()).getByRole('heading', { name: 'RBX', exact: true }).waitFor();
    await tab('RBX').waitFor();
    expect(await tab('RSP').count()).toBe(0);
    await page().keyboard.press('Control+Home'); // where no register is, the last one stays
    await goTo('RDI');
    await tab('RDI').waitFor();
    await runCommand(page(), toggle);
    await goTo('RSP');
    await runCommand(page(), 'Show Status Menu'); // the editor has told of its cursor by then
    await page().keyboard.press('Escape');
    expect(await tab('RDI').count()).toBe(1);
    await runCommand(page(), 'View: Close All Editors');
  });

  test('asks which owner, by backend and direction, and peeks at what is picked', async () => {
    const rows = page().locator('.quick-input-list .monaco-list-row');
    await openAt(page(), lazyLoad());
    await runCommand(page(), 'Peek Register Owner');
    await rows.filter({ hasText: 'All of them' }).waitFor();
    for (const backend of ['VMX: lazy, GUEST_RSP', 'SVM: eager, save.rsp', 'TDX: protected'])
      await page().locator('.quick-input-list-separator', { hasText: backend }).waitFor();
    await rows.filter({ hasText: 'Back out of it' }).first().click();
    await page().locator('.peekview-widget').waitFor();
    await runCommand(page(), 'View: Close All Editors');
  });

  test('lists references by what they do, and owners by backend and direction', async () => {
    const rows = page().locator('.part.sidebar .monaco-list-row, .part.panel .monaco-list-row');
    await openAt(page(), lazyLoad());
    await runCommand(page(), 'Find All References to Register');
    await rows.filter({ hasText: 'Written' }).waitFor();
    await rows.filter({ hasText: 'Read' }).first().waitFor();
    await screenshot(page(), 'references-by-access');
    await runCommand(page(), 'List Register Owners');
    await rows.filter({ hasText: 'VMX: lazy, GUEST_RSP' }).waitFor();
    await rows.filter({ hasText: 'Into the register cache' }).first().waitFor();
    await rows
      .filter({ hasText: /svm\/svm\.c:\d+.*save\.rsp;/ })
      .first()
      .click();
    await page().locator('.tab.active', { hasText: 'svm.c' }).waitFor();
    await screenshot(page(), 'owners-by-backend');
    await runCommand(page(), 'View: Close All Editors');
  });

  test('says so when the server crashes too often, and starts it again by a button', async () => {
    const servers = () => descendants(/server\/dist\/cli\.js lsp/);
    for (let crash = 1; crash <= 5; crash++) {
      await status().waitFor();
      for (const server of servers()) process.kill(server, 'SIGKILL');
      await status().waitFor({ state: 'hidden' });
    }
    const notice = page().locator('.notification-toast', { hasText: 'has crashed five times' });
    await notice.waitFor();
    await page().locator('.statusbar-item', { hasText: 'KVM stopped' }).waitFor();
    await screenshot(page(), 'crashed');
    await notice.getByRole('button', { name: 'Restart Language Server' }).click();
    await status().waitFor();
    expect(servers()).toHaveLength(1);
    await runCommand(page(), 'Show XSAVE State');
    await shownPage(page()).getByRole('heading', { name: 'XSAVE state' }).waitFor();
  });
});

describe.skipIf(missing !== null)(title('VS Code without a kernel tree'), () => {
  const page = useWorkbench({ folders: () => [] });

  test('the empty Explorer leads to the sample', async () => {
    await runCommand(page(), 'View: Show Explorer');
    await page().locator('.part.sidebar a.monaco-button', { hasText: 'Open KVM Sample Tree' }).click();
    await page().locator('.tab.active', { hasText: 'vmx.c' }).waitFor();
    await page().locator('.statusbar-item', { hasText: 'Linux 7.2.0' }).waitFor();
    await runCommand(page(), 'View: Close All Editors');
  });

  test('a command says what to do, and goes on with the sample, which takes no edits', async () => {
    await runCommand(page(), 'Check Tree');
    const notice = page().locator('.notification-toast', { hasText: 'reads a Linux kernel tree' });
    await notice.getByRole('button', { name: 'Open Kernel Folder' }).waitFor();
    await notice.getByRole('button', { name: 'Open Sample' }).click();
    await shownPage(page()).getByText('rules find nothing').waitFor();
    await page().locator('.tab', { hasText: 'vmx.c' }).click();
    const place = await cursorPlace(page());
    expect(place?.file).toMatch(/kvm-register-lens-[^/]*\/samples\/load-store-regs\/arch\/x86\/kvm\/vmx\/vmx\.c/);
    await page().locator('.editor-instance .monaco-editor .view-lines').first().click();
    await page().keyboard.type('x');
    await page()
      .locator('.monaco-editor-overlaymessage', { hasText: /read-only/i })
      .waitFor();
    await runCommand(page(), 'View: Close All Editors');
  });

  test('the walkthrough has five steps, which work on the sample, each of which is done when it was done', async () => {
    const step = (name: string) => page().locator('.getting-started-step', { hasText: name });
    const take = async (name: string, button: string) => {
      await runCommand(page(), 'KVM Registers: Open Walkthrough');
      const link = step(name).getByRole('button', { name: button });
      await step(name).waitFor();
      // The next step after one that was done is open already.
      if (!(await link.isVisible())) await step(name).click();
      await link.click();
    };
    const isDone = async (name: string) => {
      await runCommand(page(), 'KVM Registers: Open Walkthrough');
      await step(name).locator('.codicon.complete').waitFor();
    };
    await take('Hover a register', 'Show a Hover');
    await page().locator('.monaco-hover:not(.hidden)', { hasText: 'GUEST_RSP' }).waitFor();
    await isDone('Hover a register');
    await take('Go to its owner', 'Go to the Owner of RSP');
    await pickFirst(page(), 'VMX', () => Promise.resolve());
    await expect.poll(async () => (await cursorPlace(page()))?.line).toBe(lazyLoad().line);
    await isDone('Go to its owner');
    await take('See all registers', 'Show Register Map');
    await shownPage(page()).getByText('RAX').first().waitFor();
    await isDone('See all registers');
    await take('Follow XSAVE state', 'Show XSAVE State');
    await shownPage(page()).getByText('PKRU').first().waitFor();
    await isDone('Follow XSAVE state');
    await take('Check the tree', 'Check Tree');
    await shownPage(page()).getByText('rules find nothing').waitFor();
    await isDone('Check the tree');
    await screenshot(page(), 'walkthrough');
  });

  test('the walkthrough is walked by the keyboard alone', async () => {
    const hover = page().locator('.monaco-hover:not(.hidden)', { hasText: 'GUEST_RSP' });
    const owners = page().locator('.quick-input-list .monaco-list-row.focused', { hasText: 'VMX' });
    await takeByKeys('Hover a register', 'Show a Hover', hover);
    await page().keyboard.press('Escape');
    await takeByKeys('Go to its owner', 'Go to the Owner of RSP', owners);
    await pickFirst(page(), 'VMX', () => Promise.resolve());
    await expect.poll(async () => (await cursorPlace(page()))?.line).toBe(lazyLoad().line);
  });

  test("the extension's page shows all of its pictures", async () => {
    await runCommand(page(), 'KVM Registers: Open Documentation');
    const pictures = shownPage(page()).locator('img');
    await pictures.first().waitFor();
    const widths = () => pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth));
    await expect.poll(async () => (await widths()).filter((width) => width > 100).length).toBe(3);
    expect(await pictures.count()).toBe(3);
    await runCommand(page(), 'View: Close All Editors');
  });

  test.each([
    'Show Register Map',
    'Show XSAVE State',
    'Check Tree',
    'Explain Register at Cursor',
    'Go to Register Owner',
    'Restart Language Server',
    'Open Walkthrough',
    'Open Documentation',
  ])('%s is in the palette', (command) => hasCommand(page(), `KVM Registers: ${command}`));

  /**
   * Opens a step of the walkthrough and presses its button by keys alone, until that shows something: a step that has just opened takes the
   * focus once more, and what the button shows goes where the focus leaves it.
   */
  async function takeByKeys(step: string, button: string, shows: Locator): Promise<void> {
    const opened = page().locator('.getting-started-step').getByRole('button', { name: button });
    await until(
      async () => {
        await runCommand(page(), 'KVM Registers: Open Walkthrough');
        await page().locator('.getting-started-step').first().waitFor();
        if (!(await opened.isVisible())) {
          await tabTo(page(), step);
          await page().keyboard.press('Enter');
        }
        await tabTo(page(), button);
        await page().keyboard.press('Enter');
        return shows.waitFor({ timeout: 5_000 }).then(
          () => true,
          () => false,
        );
      },
      () => `${button} shows nothing`,
    );
  }
});
