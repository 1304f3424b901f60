import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../server/src/cli/nearestNames.js';
import { samplePath } from '../samples.js';
import { run } from './program.js';

const sample = samplePath('load-store-regs');
const inKvm = { cwd: join(sample, 'arch/x86/kvm') };

describe('TREE', () => {
  it('is the tree around the current directory where it is left out', () => {
    expect(run(['map'], inKvm)).toEqual(run(['map', sample]));
    expect(run(['refs', 'RAX', 'vcpu_regs_rbx'], inKvm)).toEqual(run(['refs', sample, 'RAX', 'RBX']));
    expect(run(['owner', 'RSP'], inKvm)).toEqual(run(['owner', sample, 'RSP']));
    expect(run(['explain', 'vmx/vmx.c:36'], inKvm)).toEqual(run(['explain', sample, 'arch/x86/kvm/vmx/vmx.c:36']));
  });

  it('is the tree around a file that is named from elsewhere', () => {
    const { status, stdout } = run(['explain', join(sample, 'arch/x86/kvm/vmx/vmx.c:36')]);
    expect({ status, first: stdout.split(':')[0] }).toEqual({ status: 0, first: 'RSP' });
  });

  it('is a directory that is named beside registers', () => {
    expect(run(['refs', 'vmx', 'R15'], inKvm)).toEqual(run(['refs', sample, 'R15']));
  });
});

describe('an argument that is none', () => {
  it.each([
    [['mpa'], "unknown command 'mpa'; did you mean map? (see kvm-regs help)"],
    [['help', 'ownr'], "unknown command 'ownr'; did you mean owner? (see kvm-regs help)"],
    [['frobnicate'], "unknown command 'frobnicate' (see kvm-regs help)"],
    [['map', '--jsno'], "unknown option '--jsno' of map; did you mean --json? (see kvm-regs help map)"],
    [
      ['map', '--backend', 'vmx'],
      'map takes no --backend: kvm-regs map [TREE] [--json] [--markdown] [--html FILE] [--source-url URL] [--color WHEN] [--width N] [--no-cache]',
    ],
    [['map', '--json=yes'], '--json takes no value'],
    [['map', '--width', '12'], "--width wants a number of columns, 40 or more, not '12'"],
    [['map', '--width', 'wide'], "--width wants a number of columns, 40 or more, not 'wide'"],
    [['map', '--color=alwys'], "--color is auto, always, never, not 'alwys'; did you mean always?"],
    [
      ['map', 'RAX'],
      "'RAX' is a register, where map wants TREE: kvm-regs map [TREE] [--json] [--markdown] [--html FILE] [--source-url URL] [--color WHEN] [--width N] [--no-cache]",
    ],
    [
      ['map', '.', 'RAX'],
      "map does not take 'RAX' as well: kvm-regs map [TREE] [--json] [--markdown] [--html FILE] [--source-url URL] [--color WHEN] [--width N] [--no-cache]",
    ],
    [['completion', 'bahs'], "no completion for 'bahs': there is one for bash, zsh, fish; did you mean bash?"],
    [['lsp'], 'lsp wants --stdio, --node-ipc, --socket PORT or --pipe NAME (see kvm-regs help lsp)'],
    [['--json'], '--json wants a command before it (see kvm-regs help)'],
  ])('%j', (args, message) => {
    expect(run(args, inKvm)).toEqual({ status: 2, stdout: '', stderr: `kvm-regs: ${message}\n` });
  });

  it('takes the name of a backend in either case', () => {
    const upper = run(['timeline', '--backend', 'SEV-ES'], inKvm);
    expect(upper).toEqual(run(['timeline', '--backend', 'sev-es'], inKvm));
    expect(upper.status).toBe(0);
  });

  it.each([
    [['owner', 'RXA'], /^kvm-regs: no register 'RXA' in \S+; it has RAX .*; did you mean RAX\?\n$/],
    [['owner', 'VCPU_REGS_RSX'], /; did you mean VCPU_REGS_RAX, VCPU_REGS_RCX or VCPU_REGS_RDX\?\n$/],
    [['owner', 'RSP', '--backend', 'vmxx'], /^kvm-regs: no backend 'vmxx' .*; did you mean vmx\?\n$/],
    [
      ['explain', 'vmc.c:1'],
      /^kvm-regs: no file 'vmc.c' among the \d+ files of KVM in \S+; did you mean (?:\S+ or )?(?:svm|vmx)\.c/,
    ],
  ])('%j, of a tree', (args, message) => {
    const { status, stdout, stderr } = run(args, inKvm);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('FILE:LINE', () => {
  it('that two files fit asks which', () => {
    const { status, stdout, stderr } = run(['explain', sample, 'vmenter.S:30']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      `kvm-regs: 'vmenter.S' is 2 files of ${sample}: arch/x86/kvm/svm/vmenter.S, arch/x86/kvm/vmx/vmenter.S; which one?\n`,
    );
  });

  it('from the current directory is that file', () => {
    expect(run(['explain', 'vmenter.S:30'], { cwd: join(inKvm.cwd, 'vmx') })).toEqual(
      run(['explain', sample, 'vmx/vmenter.S:30']),
    );
  });

  it.each([
    ['vmx/vmx.c:0', /^kvm-regs: lines and columns count from 1: 'vmx\/vmx.c:0'\n$/],
    ['vmx/vmx.c:1:0', /^kvm-regs: lines and columns count from 1: /],
    [
      'vmx/vmx.c:36:999',
      /^kvm-regs: arch\/x86\/kvm\/vmx\/vmx.c:36 has no column 999: it ends at column \d+ \(bytes from 1\)\n$/,
    ],
    ['vmx/vmx.c:9999', /^kvm-regs: arch\/x86\/kvm\/vmx\/vmx.c has no line 9999: it has \d+ lines\n$/],
    ['vmx/vmx.c', /^kvm-regs: explain wants FILE:LINE or FILE:LINE:COLUMN, not 'vmx\/vmx.c'\n$/],
  ])('%s is no place', (position, message) => {
    const { status, stdout, stderr } = run(['explain', position], inKvm);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('names that are near', () => {
  it.each([
    ['mpa', ['map']],
    ['chekc', ['check']],
    ['OWNER', ['owner']],
    ['x', []],
    ['frobnicate', []],
  ])('to %s: %j', (written, expected) => {
    expect(nearestNames(written, ['map', 'owner', 'check', 'completion'])).toEqual(expected);
  });

  it('are found where a name is thousands of characters long', () => {
    expect(nearestNames('a'.repeat(100_000), ['map'])).toEqual([]);
  });
});
