import { describe, expect, test } from 'vitest';
import { samplePath } from '../samples.js';
import { missingForVsCode } from './availability.js';
import { openAt, runCommand, treeIsRead } from './editor.js';
import { kernel72, token } from './kernel72.js';
import { walkthroughPicture } from './screenshots.js';
import { until } from './until.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

const x86 = 'arch/x86/kvm/x86.c';

/** RSP is lazy on VMX: read so, it may be that of an earlier exit. */
const MISTAKE = 'unsigned long stack(struct kvm_vcpu *vcpu) { return vcpu->arch.regs[VCPU_REGS_RSP]; }';

describe.skipIf(missing !== null).each([
  { tree: 'the sample', root: () => samplePath('load-store-regs') },
  { tree: 'Linux 7.2', root: kernel72 },
])(title('a mistake in register tracking in $tree'), ({ root }) => {
  const page = useWorkbench({ folders: () => [root()], settings: { 'editor.autoClosingBrackets': 'never' } });
  const warnings = () => page().locator('.squiggly-warning');
  const fixes = () => page().locator('.action-widget .monaco-list-row');
  const take = async (fix: string) => {
    // Before the list is there, the arrow would move the cursor.
    await fixes().filter({ hasText: fix }).waitFor();
    await until(
      async () => {
        const isThere = (await fixes().and(page().locator('.focused')).filter({ hasText: fix }).count()) === 1;
        if (!isThere) await page().keyboard.press('ArrowDown');
        return isThere;
      },
      () => `no quick fix ${fix}`,
    );
    await page().keyboard.press('Enter');
  };
  const makeMistake = async () => {
    await openAt(page(), { ...token(x86, /^(#include)/, root()), column: 1 });
    await page().keyboard.insertText(`${MISTAKE}\n`);
    await page().keyboard.press('ArrowUp');
    await page().keyboard.press('End');
    for (let i = 0; i < 6; i++) await page().keyboard.press('ArrowLeft'); // into VCPU_REGS_RSP
    await expect.poll(() => warnings().count(), { timeout: 60_000 }).toBeGreaterThan(0);
  };

  test('is a warning, which a quick fix mends by the accessor', { timeout: 240_000 }, async () => {
    await treeIsRead(page());
    await makeMistake();
    expect(await page().locator('.squiggly-info, .squiggly-hint').count()).toBe(0); // APX readiness is not asked for
    await runCommand(page(), 'Quick Fix...');
    await fixes().first().waitFor();
    await walkthroughPicture(page(), 'check', page().locator('.action-widget'));
    const offered = await fixes().allInnerTexts();
    const order = ['Read it by', 'Turn off tracking/stale-read in settings', 'by a comment'].map((words) =>
      offered.findIndex((text) => text.includes(words)),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThanOrEqual(0);
    await take('Read it by kvm_rsp_read()');
    await page().locator('.view-line', { hasText: 'return kvm_rsp_read(vcpu);' }).waitFor();
    await expect.poll(() => warnings().count(), { timeout: 60_000 }).toBe(0);
    await runCommand(page(), 'File: Revert File');
  });

  test(
    'stays in Problems when a peek into its file closes, and goes when its rule is turned off',
    { timeout: 240_000 },
    async () => {
      await makeMistake();
      const problems = () => page().locator('#status\\.problems').getAttribute('aria-label');
      await expect.poll(problems).toContain('Warnings: 1');
      await runCommand(page(), 'Peek Definition');
      await page().keyboard.press('Escape');
      await page().keyboard.press('Escape');
      expect(await problems()).toContain('Warnings: 1');
      await runCommand(page(), 'Quick Fix...');
      await take('Turn off tracking/stale-read in settings');
      await expect.poll(problems, { timeout: 60_000 }).toContain('No Problems');
      await runCommand(page(), 'File: Revert File');
    },
  );
});
