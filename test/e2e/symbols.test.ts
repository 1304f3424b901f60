import { join } from 'node:path';
import { describe, test } from 'vitest';
import { samplePath } from '../samples.js';
import { missingForVsCode } from './availability.js';
import { openAt, treeIsRead } from './editor.js';
import { kernel72 } from './kernel72.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

describe.skipIf(missing !== null).each([
  { tree: 'the sample', root: () => samplePath('load-store-regs') },
  { tree: 'Linux 7.2', root: kernel72 },
])(title('symbols of $tree'), ({ root }) => {
  const page = useWorkbench({ folders: () => [root()] });
  const rows = () => page().locator('.quick-input-widget .quick-input-list .monaco-list-row');
  const ask = async (text: string) => {
    await page().keyboard.press('F1');
    await page().locator('.quick-input-widget input.input').fill(text);
  };

  test.each([
    ['#R20', /^R20/],
    ['#__vmx_vcpu_run', /^__vmx_vcpu_run/], // assembly
    ['#vmx_cache_reg', /^vmx_cache_reg/], // C
    ['#VCPU_REGS_RSP', /RSP/],
  ])('%s is found in the workspace', { timeout: 180_000 }, async (text, label) => {
    await treeIsRead(page());
    await ask(text);
    await rows().filter({ hasText: label }).first().waitFor();
    await page().keyboard.press('Escape');
  });

  test('assembly has an outline', async () => {
    await openAt(page(), { file: join(root(), 'arch/x86/kvm/vmx/vmenter.S'), line: 1, column: 1 });
    await ask('@__vmx');
    await rows().filter({ hasText: '__vmx_vcpu_run' }).first().waitFor();
    await page().keyboard.press('Escape');
  });
});
