import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/setup.mjs';
import { missingForVsCode } from './availability.js';
import { descendants } from './descendants.js';
import {
  clickHoverLink,
  hoverAtCursor,
  isAt,
  openAt,
  pickFirst,
  runCommand,
  runShownLenses,
  treeIsRead,
  visibleLenses,
} from './editor.js';
import { kernel72, kernelRoot, token } from './kernel72.js';
import { lensPictures } from './lensPictures.js';
import { screenshot, walkthroughPicture } from './screenshots.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

const vmx = 'arch/x86/kvm/vmx/vmx.c';
const kvmHost = 'arch/x86/include/asm/kvm_host.h';
const fillsOnDemand = /RSP RIP .*VMCS/;

describe.skipIf(missing !== null)(title('VS Code with the packaged extension'), () => {
  const page = useWorkbench({ settings: { 'kvmRegs.check.apxReadiness': 'on' } });

  test('shows lenses', { timeout: 180_000 }, async () => {
    await treeIsRead(page());
    await openAt(page(), token(vmx, /^void (vmx_cache_reg)\(/));
    await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringMatching(fillsOnDemand));
    await screenshot(page(), 'lens');
  });

  test('hovers an accessor that is written nowhere', async () => {
    await openAt(page(), token('arch/x86/kvm/cpuid.c', /(kvm_eax_read)\(/));
    const [hover] = await hoverAtCursor(page(), '__vmx_vcpu_run');
    expect(hover).toMatch(/^RAX/);
    await screenshot(page(), 'hover');
    await walkthroughPicture(page(), 'hover', page().locator('.monaco-hover:not(.hidden)').first());
  });

  test('hovers a register in a header', async () => {
    await openAt(page(), token(kvmHost, /(VCPU_REGS_RSP) =/));
    await expect
      .poll(() => visibleLenses(page()))
      .toContainEqual(expect.stringMatching(/GUEST_RSP, lazy.* references/));
    await screenshot(page(), 'lenses-header');
    const [hover] = await hoverAtCursor(page(), 'GUEST_RSP');
    expect(hover).toMatch(/^RSP/);
    await screenshot(page(), 'hover-header');
  });

  test("goes to a register's owner", async () => {
    await openAt(page(), token(vmx, /kvm_register_is_dirty\(vcpu, (VCPU_REGS_RSP)\)/));
    await runCommand(page(), 'Go to Register Owner');
    await pickFirst(page(), 'VMX', async () => {
      await screenshot(page(), 'owner-pick');
      await walkthroughPicture(page(), 'owner', page().locator('.quick-input-widget'));
    });
    await isAt(page(), token(vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/));
    await screenshot(page(), 'owner');
  });

  test("a hover's link leads to the owner", async () => {
    await openAt(page(), token(vmx, /kvm_register_is_dirty\(vcpu, (VCPU_REGS_RSP)\)/));
    await hoverAtCursor(page(), 'GUEST_RSP');
    await clickHoverLink(page(), 'Go to owner');
    await pickFirst(page(), 'VMX', () => Promise.resolve());
    await isAt(page(), token(vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/));
  });

  test('knows assembly', async () => {
    await openAt(page(), token('arch/x86/kvm/svm/vmenter.S', /(STORE_REGS)\s.*SVM_vcpu/));
    const [hover] = await hoverAtCursor(page(), 'RCX');
    expect(hover).toMatch(/^Stores/i);
    await screenshot(page(), 'assembly');
  });

  test('knows XSAVE state', async () => {
    await openAt(page(), token('arch/x86/kvm/x86.c', /^\t(kvm_load_xfeatures)\(vcpu, true/));
    const [hover] = await hoverAtCursor(page(), 'PKRU');
    expect(hover).toMatch(/^kvm_load_xfeatures: XCR0 IA32_XSS: guest's loaded before VM-entry/);
    await screenshot(page(), 'xsave');
    await openAt(page(), token('arch/x86/include/asm/fpu/types.h', /^\t(XFEATURE_APX),/));
    await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringMatching(/component 19 · R16-R31/));
    await screenshot(page(), 'xsave-components');
  });

  test('shows findings, and silences one by a quick fix', async () => {
    const place = token('arch/x86/kvm/kvm_emulate.h', /#define (NR_EMULATOR_GPRS)\t16/);
    await openAt(page(), place);
    await expect.poll(() => page().locator('.squiggly-info').count()).toBeGreaterThan(0);
    const [hover] = await hoverAtCursor(page(), 'apx/gpr-count');
    expect(hover).toMatch(/16/);
    await screenshot(page(), 'finding');
    const before = await page().locator('.squiggly-info').count();
    await page().keyboard.press('Escape');
    await runCommand(page(), 'Quick Fix...');
    await page().locator('.action-widget', { hasText: 'Ignore apx/gpr-count here, by a comment' }).waitFor();
    await page().keyboard.press('ArrowUp'); // from the first to the last
    await page().locator('.action-widget .monaco-list-row.focused', { hasText: 'by a comment' }).waitFor();
    await page().keyboard.press('Enter');
    await expect.poll(() => page().locator('.squiggly-info').count()).toBeLessThan(before);
    await page().keyboard.press('Control+z');
    await expect.poll(() => page().locator('.squiggly-info').count()).toBe(before);
  });

  test('has its server again when that crashes', async () => {
    const servers = () => descendants(/server\/dist\/cli\.js lsp/);
    const [before = 0, ...others] = servers();
    expect(others).toEqual([]);
    process.kill(before, 'SIGKILL');
    await expect.poll(() => servers().filter((pid) => pid !== before)).toHaveLength(1);
    await openAt(page(), token('arch/x86/kvm/cpuid.c', /(kvm_ecx_read)\(/));
    const [hover] = await hoverAtCursor(page(), '__vmx_vcpu_run');
    expect(hover).toMatch(/^RCX/);
  });

  test.each([
    ['arch/x86/kvm/regs.h', /(BUILD_KVM_GPR_ACCESSORS)\(ax/, 10],
    ['arch/x86/kvm/svm/svm.c', /\b(svm_vcpu_run)\(/, 1],
    ['arch/x86/kvm/vmx/vmenter.S', /SYM_FUNC_START\((__vmx_vcpu_run)\)/, 1],
  ])('every lens of %s shows a place', { timeout: 120_000 }, async (file, pattern, least) => {
    await page().setViewportSize({ width: 1280, height: 9000 }); // lenses are made only for what is on the screen
    await runShownLenses(page(), async () => {
      await openAt(page(), token(file, pattern));
      await expect.poll(async () => (await visibleLenses(page())).length).toBeGreaterThanOrEqual(least);
    });
  });
});

describe.skipIf(missing !== null)(title('VS Code with a C indexer beside the extension'), () => {
  const page = useWorkbench({ hasNeighbour: true });
  const read = (): ReturnType<typeof token> => token(vmx, /regs\[(VCPU_REGS_RSP)\] = vmcs_readl/);

  test('both hovers show, and of a clean kernel no problem', async () => {
    await treeIsRead(page());
    await openAt(page(), read());
    // Each extension's hover comes when it is ready.
    const hovers = await hoverAtCursor(page(), 'GUEST_RSP', 'Neighbour: VCPU_REGS_RSP');
    expect(hovers).toHaveLength(2);
    expect(await page().locator('#status\\.problems').getAttribute('aria-label')).toContain('No Problems');
    await screenshot(page(), 'hover-beside-another');
  });

  test('equal references are one', async () => {
    await openAt(page(), read());
    await runCommand(page(), 'Peek References');
    const heading = page().locator('.peekview-widget .peekview-title .meta');
    await expect.poll(() => heading.innerText()).toContain(`(${referencesOf('RSP')})`);
    await screenshot(page(), 'references');
    await page().keyboard.press('Escape');
  });

  test("the indexer's definitions still show", async () => {
    await openAt(page(), token(vmx, /\t(vmx_cache_reg)\(/));
    await runCommand(page(), 'Go to Definition');
    await isAt(page(), token(vmx, /^void (vmx_cache_reg)\(/));
  });

  test('another extension has the owner of a register by our API', async () => {
    await openAt(page(), read());
    await runCommand(page(), 'Neighbour: Owner of RSP');
    const notice = page().locator('.notification-toast', { hasText: 'RSP:' });
    await expect.poll(() => notice.innerText()).toMatch(/vmx lazy \d+, svm eager \d+.*; \d+ references/);
    await page().keyboard.press('Escape');
  });

  test('lenses stay where they are while one types', async () => {
    await openAt(page(), read());
    await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringMatching(fillsOnDemand));
    const before = await visibleLenses(page());
    expect(before.join('\n')).toContain('neighbour');
    const pictures = await lensPictures(page(), async () => {
      await page().keyboard.press('Home');
      await page().keyboard.type('//', { delay: 100 });
      await expect.poll(() => visibleLenses(page())).not.toEqual(before);
    });
    const [tops, ...otherTops] = new Set(pictures.map((picture) => picture.map(({ top }) => top).join(' ')));
    expect(tops).not.toBe('');
    expect(otherTops).toEqual([]);
  });
});

describe.skipIf(missing !== null)(title('VS Code with two kernel trees in a window'), () => {
  const page = useWorkbench({ folders: () => [kernel72(), kernelRoot('6.12')] });

  test('each file is answered from its own tree, by one server', async () => {
    await treeIsRead(page());
    await openAt(page(), token(kvmHost, /(VCPU_REGS_RSP) =/));
    await expect
      .poll(() => visibleLenses(page()))
      .toContainEqual(expect.stringMatching(/GUEST_RSP, lazy.* references/));
    await openAt(page(), token(kvmHost, /^\t(VCPU_EXREG_PDPTR) =/, kernelRoot('6.12')));
    const [hover] = await hoverAtCursor(page(), 'GUEST_PDPTR');
    expect(hover).toMatch(/^PDPTR/);
    expect(descendants(/server\/dist\/cli\.js lsp/)).toHaveLength(1);
  });
});

describe.skipIf(missing !== null)(title('VS Code in Restricted Mode'), () => {
  const page = useWorkbench({
    settings: { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' },
  });

  test('the extension works in a folder that is not trusted', async () => {
    await page().locator('.part.statusbar', { hasText: 'Restricted Mode' }).waitFor();
    await treeIsRead(page());
    await openAt(page(), token(vmx, /^void (vmx_cache_reg)\(/));
    await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringMatching(fillsOnDemand));
    await screenshot(page(), 'restricted-mode');
  });
});

/** How many references the command line finds. */
function referencesOf(register: string): number {
  const server = join(root, 'server/dist/cli.js');
  const answer = execFileSync(process.execPath, [server, 'refs', kernel72(), register, '--json'], { encoding: 'utf8' });
  return (JSON.parse(answer) as readonly unknown[]).length;
}
