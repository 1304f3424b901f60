import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import manifest from '../../server/package.json' with { type: 'json' };
import { samplePath } from '../samples.js';
import { run } from './program.js';

const sample = samplePath('load-store-regs');
const empty = mkdtempSync(join(tmpdir(), 'kvm-regs-empty-'));
afterAll(() => {
  rmSync(empty, { recursive: true });
});

/** What the contract promises of `map --json`. */
interface MapDocument {
  readonly schema: number;
  readonly tree: { readonly kernel: string; readonly files: number; readonly problems: number };
  readonly backends: readonly string[];
  readonly registers: readonly {
    readonly name: string | null;
    readonly register: string;
    readonly index: number;
    readonly index32?: number | null;
    readonly class: string;
    readonly aliases: readonly string[];
    readonly condition: string | null;
    readonly storage: string | null;
    readonly owners: readonly { readonly backend: string; readonly sync: string; readonly summary: string }[];
  }[];
}

function mapDocument(): MapDocument {
  return JSON.parse(run(['map', sample, '--json']).stdout) as MapDocument;
}

describe('kvm-regs map', () => {
  it('answers for every register and every backend', () => {
    const { schema, backends, registers } = mapDocument();
    expect(schema).toBe(1);
    expect(backends).toEqual(['vmx', 'svm', 'sev-es', 'tdx']);
    for (const register of registers) {
      const answered = [...new Set(register.owners.map((owner) => owner.backend))];
      expect(answered, register.register).toEqual(backends);
      for (const owner of register.owners) expect(owner.summary).toMatch(/^\S.*\.$/);
    }
  });

  it('lists R16-R31 without a name where the enum lacks them, and an alias as no register of its own', () => {
    const { registers } = mapDocument();
    expect(registers.find((register) => register.register === 'R31')).toMatchObject({
      name: null,
      index: 31,
      class: 'gpr',
    });
    expect(registers.find((register) => register.register === 'CR3')?.aliases).toEqual(['VCPU_REG_ERAPS']);
    expect(registers.some((register) => register.name === 'VCPU_REG_ERAPS')).toBe(false);
  });

  it('numbers registers as a 64-bit build does, and as a 32-bit one where that differs', () => {
    const { registers } = mapDocument();
    expect(registers.find((register) => register.register === 'RSP')).toMatchObject({ index: 4 });
    expect(registers.find((register) => register.register === 'RSP')).not.toHaveProperty('index32');
    expect(registers.find((register) => register.register === 'R8')).toMatchObject({ index32: null });
    expect(registers.find((register) => register.register === 'RIP')).toMatchObject({ index: 16, index32: 8 });
  });

  it('prints a table without colours where stdout is no terminal', () => {
    const { stdout, status } = run(['map', sample]);
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^RSP +lazy +GUEST_RSP +eager +save\.rsp +protected +protected$/m);
  });

  it('prints Markdown', () => {
    expect(run(['map', sample, '--markdown']).stdout).toMatch(/^\| RSP \| lazy +GUEST_RSP \|/m);
  });
});

describe('kvm-regs refs', () => {
  it('prints lines that editors jump from', () => {
    const lines = run(['refs', sample, 'r15']).stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(line).toMatch(/^arch\/x86\/\S+:\d+:\d+: [a-z-]+ VCPU_REGS_R15\b/);
  });

  it('gives an assembly operand on a continuation line its own line and its statement', () => {
    const refs = JSON.parse(run(['refs', sample, 'R15', '--json']).stdout) as {
      kind: string;
      line: number;
      statement?: number;
    }[];
    const load = refs.find((ref) => ref.kind === 'asm-load');
    expect(load?.statement).toBeLessThan(load?.line ?? 0);
  });

  it('takes any name of a register', () => {
    const [enumerator, plain, small] = ['VCPU_REG_CR3', 'CR3', 'cr3'].map(
      (name) => run(['refs', sample, name, '--json']).stdout,
    );
    expect(plain).toBe(enumerator);
    expect(small).toBe(enumerator);
  });
});

describe('kvm-regs owner', () => {
  it('says where a register comes from for one backend', () => {
    const { stdout } = run(['owner', sample, 'RSP', '--backend', 'vmx']);
    expect(stdout).toContain('VMX: lazy');
    expect(stdout).toMatch(
      /^arch\/x86\/kvm\/vmx\/vmx\.c:\d+:\d+: load RSP via GUEST_RSP .* in vmx_cache_reg \(on-demand\)/m,
    );
    expect(stdout).not.toContain('SVM');
  });
});

describe('kvm-regs owner as a graph', () => {
  it('is DOT, or Mermaid, of one backend or of all', () => {
    const dot = run(['owner', sample, 'RSP', '--dot', '--backend', 'vmx']).stdout;
    expect(dot).toMatch(/^digraph provenance \{/);
    expect(dot).toContain('label="vmx_cache_reg\\non demand\\n[vmx/vmx.c:36]"');
    expect(dot).not.toContain('SVM');
    const { stdout } = run(['owner', sample, 'RSP', '--mermaid']);
    expect(stdout).toMatch(/^flowchart LR/);
    expect(stdout).toContain('subgraph b1["RSP on SVM"]');
    expect(stdout).toContain('-->|"svm_vcpu_run<br>before VM-entry');
  });
});

describe('kvm-regs timeline', () => {
  it('tells the run of a backend in order, each step with its line', () => {
    const { stdout, status } = run(['timeline', sample, '--backend', 'svm', '--width', '400']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^SVM: a run from vcpu_enter_guest\n\nbefore VM-entry\n[^]*RAX RSP RIP: register cache -> VMCB, svm_vcpu_run \[svm\/svm\.c:\d+\][^]*\nthe guest runs\n +\d+\. vmrun, __svm_vcpu_run[^]*\nafter VM-exit\n[^]*\nhandling the exit\n/,
    );
    for (const line of stdout.split('\n').filter((text) => /^ +\d+\./.test(text))) expect(line).toMatch(/\[\S+:\d+\]/);
  });

  it('is JSON of all backends', () => {
    const document = JSON.parse(run(['timeline', sample, '--json']).stdout) as {
      readonly schema: number;
      readonly runs: readonly { readonly backend: string; readonly steps: readonly { readonly kind: string }[] }[];
    };
    expect(document.schema).toBe(1);
    expect(document.runs.map(({ backend }) => backend)).toEqual(['vmx', 'svm', 'sev-es', 'tdx']);
    for (const { steps } of document.runs) expect(steps.map(({ kind }) => kind)).toContain('enter');
  });
});

describe('kvm-regs map --html', () => {
  it('writes a page with its policy, its style and its script, links where a URL is given, and no path of this machine', () => {
    const file = join(empty, 'map.html');
    expect(run(['map', sample, '--html', file])).toMatchObject({ status: 0, stdout: '' });
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
    expect(page).toContain('<section class="register" id="RSP"');
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(page).not.toContain(sample);
    run(['map', sample, '--html', file, '--source-url', 'https://source.example/{file}?a&b#n{line}']);
    expect(readFileSync(file, 'utf8')).toContain('href="https://source.example/arch/x86/kvm/vmx/vmx.c?a&amp;b#n36"');
    rmSync(file);
  });
});

describe('kvm-regs explain', () => {
  it('answers in its first line', () => {
    const { stdout } = run(['explain', sample, 'arch/x86/kvm/vmx/vmx.c:36', '--width', '90']);
    expect(stdout.split('\n')[0]).toBe(
      'RSP: written to the register cache, vcpu->arch.regs[VCPU_REGS_RSP], from VMCS GUEST_RSP',
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
  });

  it('says so where nothing is known', () => {
    const { stdout, status } = run(['explain', sample, 'Makefile:1']);
    expect(status === 2 || stdout.startsWith('Nothing is known')).toBe(true);
  });
});

describe('kvm-regs check', () => {
  it('gives findings as the contract has them; what holds fewer than 32 GPRs is no failure', () => {
    const { stdout, status } = run(['check', sample, '--apx', '--json']);
    const document = JSON.parse(stdout) as {
      readonly schema: number;
      readonly findings: readonly { readonly rule: string }[];
    };
    expect(status).toBe(0);
    expect(document.schema).toBe(1);
    expect(document.findings.find(({ rule }) => rule === 'apx/narrow-index')).toEqual({
      rule: 'apx/narrow-index',
      family: 'apx',
      severity: 'info',
      file: 'arch/x86/kvm/vmx/vmx.c',
      line: 128,
      column: 12,
      message: '4-bit GPR number (bits 11:8 of vmx_get_exit_qual(vcpu)): RAX-R15 only; R16-R31 need a fifth bit',
      related: [{ file: 'arch/x86/kvm/vmx/vmx.c', line: 130, message: 'GPR read by it in handle_set_cr4' }],
    });
  });

  it('says how many places in how many files, then what is left to do', () => {
    const { stdout, status } = run(['check', sample, '--apx']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ places in \d+ files with room for fewer than 32 [^]*^Left for a series/m);
  });
});

describe('wrong use', () => {
  it.each([
    [['map', empty], /^kvm-regs: no KVM x86 code: looked for arch\/x86\/kvm in \S+/],
    [['map', join(empty, 'absent')], /^kvm-regs: \S/],
    [['frobnicate', sample], /^kvm-regs: unknown command 'frobnicate'/],
    [['map', sample, '--frobnicate'], /^kvm-regs: .*--frobnicate/],
    [['map', sample, '--json', '--markdown'], /^kvm-regs: map takes --json or --markdown, not both/],
    [['map', sample, '--html', join(empty, 'absent/map.html')], /^kvm-regs: \S+map\.html cannot be written: ENOENT/],
    [['map', sample, '--html', 'x.html', '--json'], /^kvm-regs: map takes --json or --html, not both/],
    [['map', sample, '--source-url', 'https://x/{file}'], /^kvm-regs: map takes --source-url with --html FILE/],
    [
      ['map', sample, '--html', 'x.html', '--source-url', 'javascript:{file}'],
      /^kvm-regs: --source-url wants an http or https URL/,
    ],
    [['owner', sample, 'RSP', '--dot', '--mermaid'], /^kvm-regs: owner takes --dot or --mermaid, not both/],
    [['owner', sample, 'PKRU', '--dot'], /^kvm-regs: owner draws registers of the map only, not PKRU/],
    [['timeline', sample, '--backend', 'pvm'], /^kvm-regs: no backend 'pvm' in this tree/],
    [['owner', sample], /^kvm-regs: owner wants one REGISTER/],
    [['owner', sample, 'RQX'], /^kvm-regs: no register 'RQX' in \S+; it has RAX /],
    [
      ['owner', sample, 'RSP', '--backend', 'pvm'],
      /^kvm-regs: no backend 'pvm' in this tree; it has vmx, svm, sev-es, tdx/,
    ],
    [['explain', sample, 'vmx.c'], /^kvm-regs: explain wants FILE:LINE/],
    [['explain', sample, 'arch/x86/kvm/vmx/vmx.c:99999'], /^kvm-regs: .* has no line 99999/],
    [['explain', sample, 'drivers/net/tun.c:1'], /^kvm-regs: no file 'drivers\/net\/tun.c' among/],
  ])('%j ends with status 2 and one clear line', (args, message) => {
    const { status, stdout, stderr } = run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('kvm-regs: reading'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
  });
});

it('tells its version and its use', () => {
  expect(run(['--version']).stdout).toBe(`${manifest.version}\n`);
  expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' });
  expect(run(['help', 'owner']).stdout).toContain('kvm-regs owner [TREE] REGISTER');
});

/** What the contract promises of `xsave --json`. */
interface XsaveDocument {
  readonly schema: number;
  readonly components: readonly {
    readonly name: string;
    readonly number: number;
    readonly holds: string;
    readonly supported: string;
    readonly gate: { readonly file: string; readonly line: number } | null;
  }[];
  readonly transfers: readonly {
    readonly state: string;
    readonly from: { readonly kind: string; readonly name: string };
    readonly to: { readonly kind: string; readonly name: string };
    readonly side: string;
    readonly phase: string;
    readonly file: string;
    readonly line: number;
    readonly function: string;
    readonly guards: readonly string[];
  }[];
}

describe('kvm-regs xsave', () => {
  const documentOf = (tree: string) => JSON.parse(run(['xsave', samplePath(tree), '--json']).stdout) as XsaveDocument;

  it('gives components and transfers in the contract’s form', () => {
    const { schema, components, transfers } = documentOf('load-store-regs');
    expect(schema).toBe(1);
    expect(components.find(({ number }) => number === 9)).toMatchObject({
      name: 'XFEATURE_PKRU',
      holds: 'PKRU',
      supported: 'yes',
      gate: { file: 'arch/x86/kvm/x86.c' },
    });
    const guest = transfers.find(
      ({ state, side, phase }) => state === 'XCR0' && side === 'guest' && phase === 'vm-entry',
    );
    expect(guest).toMatchObject({
      from: { kind: 'cache', name: 'arch.xcr0' },
      to: { kind: 'hardware', name: 'XCR0' },
      function: 'kvm_load_xfeatures',
    });
    for (const { state, from, to, side, phase, file, line, guards } of transfers) {
      expect(state).toMatch(/^(?:XCR0|XSS|PKRU|XFD|fpstate|XFEATURE_\w+)$/);
      expect([from.kind, to.kind].every((kind) => PLACE_KINDS.includes(kind))).toBe(true);
      expect(['guest', 'host', 'userspace']).toContain(side);
      expect(PHASES).toContain(phase);
      expect(file).toMatch(/^arch\/x86\//);
      expect(line).toBeGreaterThan(0);
      expect(Array.isArray(guards)).toBe(true);
    }
  });

  it.each(['inline-asm', 'vcpu-offsets', 'load-store-regs'])(
    'fits 100 columns for samples/%s, and tells both ways of XCR0',
    (name) => {
      const { stdout, status } = run(['xsave', samplePath(name)]);
      expect(status).toBe(0);
      expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
      expect(stdout).toMatch(/Before VM-entry[\s\S]* arch\.xcr0 -> XCR0 [\s\S]*After VM-exit[\s\S]*xcr0 -> XCR0 /);
    },
  );

  it('prints tables in Markdown', () => {
    const { stdout } = run(['xsave', sample, '--markdown']);
    expect(stdout).toContain('| 9 | PKRU | PKRU | pkru_state | yes | VM-entry | KVM_GET/SET_XSAVE |');
    expect(stdout).toContain('## Before VM-entry');
  });

  it('wants one form', () => {
    expect(run(['xsave', sample, '--json', '--markdown'])).toMatchObject({ status: 2, stdout: '' });
  });
});

const PLACE_KINDS = 'hardware vmcs vmcb ghcb vmsa tdx cache emulator nested userspace smram fpstate memory host'.split(
  ' ',
);
const PHASES = 'vm-entry vm-exit on-demand set ioctl emulation nested smm reset launch other'.split(' ');
