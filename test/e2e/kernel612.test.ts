import { describe, expect, test } from 'vitest';
import { missingForVsCode } from './availability.js';
import { hoverAtCursor, isAt, openAt, pickFirst, runCommand, treeIsRead, visibleLenses } from './editor.js';
import { kernelRoot, token } from './kernel72.js';
import { frameOfPage, shownPage } from './page.js';
import { violationsIn } from './axe.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const vmx = 'arch/x86/kvm/vmx/vmx.c';
const at = (file: string, pattern: RegExp) => token(file, pattern, kernelRoot('6.12'));
const load = () => at(vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/);

describe.skipIf(missing !== null)(
  `VS Code in high contrast, on Linux 6.12${missing === null ? '' : ` (${missing})`}`,
  () => {
    const page = useWorkbench({
      folders: () => [kernelRoot('6.12')],
      settings: { 'workbench.colorTheme': 'Default High Contrast' },
    });

    test('hovers an accessor, of whose backends there is no TDX', async () => {
      await treeIsRead(page());
      await openAt(page(), at('arch/x86/kvm/cpuid.c', /(kvm_rax_read)\(/));
      const [hover = ''] = await hoverAtCursor(page(), '__vmx_vcpu_run');
      for (const place of ['vmx/vmenter.S', 'svm/svm.c', 'svm/sev.c']) expect(hover).toContain(place);
      expect(hover).not.toContain('TDX');
    });

    test('shows lenses, and goes to the owner', async () => {
      await openAt(page(), at(vmx, /kvm_register_is_dirty\(vcpu, (VCPU_REGS_RSP)\)/));
      await runCommand(page(), 'Go to Register Owner');
      await pickFirst(page(), 'VMX', () => Promise.resolve());
      await isAt(page(), load());
      await openAt(page(), at(vmx, /^void (vmx_cache_reg)\(/));
      await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringMatching(/RSP RIP .*VMCS/));
    });

    test('hovers the macros of the world switch', async () => {
      await openAt(page(), at('arch/x86/kvm/svm/vmenter.S', /mov %_ASM_CX,\s+(VCPU_RCX)\(/));
      const [hover] = await hoverAtCursor(page(), 'RCX');
      expect(hover).toMatch(/^Stores|^RCX/);
    });

    test('explains a register on a page whose code is seen', async () => {
      await openAt(page(), load());
      await runCommand(page(), 'Explain Register at Cursor');
      await shownPage(page()).getByRole('heading', { name: 'RSP', exact: true }).waitFor();
      expect(await violationsIn(await frameOfPage(page()))).toEqual([]);
      // axe-core takes text in its background's colour for hidden on purpose.
      const colours = await shownPage(page())
        .locator('code')
        .first()
        .evaluate((code) => [getComputedStyle(code).color, getComputedStyle(code).backgroundColor]);
      expect(colours[0]).not.toBe(colours[1]);
      await runCommand(page(), 'View: Close All Editors');
    });

    test('finds nothing, and says so', async () => {
      await runCommand(page(), 'Check Tree');
      await shownPage(page()).getByText('rules find nothing').waitFor();
      expect(await page().locator('#status\\.problems').getAttribute('aria-label')).toContain('No Problems');
      expect(await violationsIn(await frameOfPage(page()))).toEqual([]);
      await runCommand(page(), 'View: Close All Editors');
    });

    test('shows XSAVE state and the register map', async () => {
      await runCommand(page(), 'Show XSAVE State');
      await shownPage(page()).getByRole('heading', { name: 'XSAVE state' }).waitFor();
      await runCommand(page(), 'View: Close All Editors');
      await openAt(page(), load());
      await runCommand(page(), 'Show Register Map');
      await shownPage(page()).locator('#map a[href="#RSP-vmx"]').click();
      await shownPage(page()).locator('#RSP-vmx .edge.exit a').first().click();
      await isAt(page(), load());
    });
  },
);
