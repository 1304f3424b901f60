import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/setup.mjs';
import { missingForNeovim } from './availability.js';
import { kernel72 } from './kernel72.js';

/** What neovimSession.lua reports. */
interface Session {
  readonly attached: boolean;
  readonly hover: readonly string[];
  readonly owner: { readonly file: string; readonly text: string };
  readonly declaration: { readonly file: string; readonly text: string };
  /** `line`: lines behind the mistake. */
  readonly diagnostics: readonly { readonly line: number; readonly message: string }[];
  readonly diagnosticsWidth: number;
  readonly lenses: readonly string[];
  readonly lensPlaces: readonly { readonly file: string; readonly text: string }[];
}

const missing = missingForNeovim();

describe.skipIf(missing !== null)(
  `Neovim with the configuration of docs/editors.md${missing ? ` (${missing})` : ''}`,
  () => {
    let home: string;
    let session: Session;

    beforeAll(() => {
      home = mkdtempSync(join(tmpdir(), 'nvim-'));
      session = runNeovim(home, kernel72());
    });
    afterAll(() => {
      rmSync(home, { recursive: true });
    });

    test('attaches and shows a hover', () => {
      expect(session.attached).toBe(true);
      expect(session.hover.join('\n')).toContain('RAX');
      expect(session.hover.join('\n')).toContain('__vmx_vcpu_run');
    });

    test('shows a hover without the targets of links, in lines that fit', () => {
      expect(session.hover.filter((line) => line.includes('file:') || line.length > 80)).toEqual([]);
    });

    test("goes to a register's owner, in assembly", () => {
      expect(session.owner.file).toBe('arch/x86/kvm/vmx/vmenter.S');
      expect(session.owner.text).toMatch(/_ASM_AX/);
    });

    test('goes to where a register is declared', () => {
      expect(session.declaration.file).toBe('arch/x86/include/asm/kvm_host.h');
      expect(session.declaration.text).toMatch(/VCPU_REGS_RSP/);
    });

    test('shows a mistake that was typed, and nothing else, in a window that fits', () => {
      expect(session.diagnostics).toEqual([
        { line: 0, message: expect.stringContaining('VMX_REGS_LAZY_LOAD_SET') as string },
      ]);
      expect(session.diagnosticsWidth).toBeGreaterThan(0);
      expect(session.diagnosticsWidth).toBeLessThanOrEqual(80);
    });

    test('shows lenses and runs one', () => {
      expect(session.lenses).toContainEqual(expect.stringMatching(/RSP RIP .*VMCS/));
      expect(session.lensPlaces).toContainEqual({
        file: 'arch/x86/kvm/vmx/vmx.c',
        text: expect.stringContaining('vmcs_readl(GUEST_RSP)') as string,
      });
    });
  },
);

/** One session of Neovim, whose `kvm-regs` on PATH is the built server. */
function runNeovim(home: string, tree: string): Session {
  const report = join(home, 'report.json');
  const init = join(home, 'init.lua');
  writeFileSync(init, documentedConfiguration());
  const server = join(root, 'server/bin/kvm-regs.js');
  chmodSync(server, 0o755);
  symlinkSync(server, join(home, 'kvm-regs'));
  const script = fileURLToPath(new URL('neovimSession.lua', import.meta.url));
  execFileSync('nvim', ['--headless', '--clean', '-u', init, '-c', `luafile ${script}`], {
    cwd: tree,
    env: { ...process.env, HOME: home, PATH: `${home}${delimiter}${process.env['PATH'] ?? ''}`, KVM_REPORT: report },
    timeout: 110_000, // a machine with other work reads the tree for half a minute
  });
  return JSON.parse(readFileSync(report, 'utf8')) as Session;
}

/** The first Lua text of docs/editors.md. */
function documentedConfiguration(): string {
  const text = readFileSync(join(root, 'docs/editors.md'), 'utf8');
  const lua = /```lua\n([^]*?)```/.exec(text)?.[1];
  if (lua === undefined) throw new Error('docs/editors.md has no Lua');
  return lua;
}
