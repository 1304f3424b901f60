import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ExitStatus } from '../../server/src/cli/exitStatus.js';
import { STATUSES } from '../../server/src/cli/help.js';
import { samplePath } from '../samples.js';
import { bash, program, run } from './program.js';

const sample = samplePath('load-store-regs');
const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true });
});

/** A copy of the sample whose vmx.c is changed. */
function treeWith(change: (file: string) => void): string {
  const root = mkdtempSync(join(tmpdir(), 'kvm-regs-exit-'));
  made.push(root);
  chmodSync(root, 0o755);
  cpSync(sample, root, { recursive: true });
  change(join(root, 'arch/x86/kvm/vmx/vmx.c'));
  return root;
}

const vmx = readFileSync(join(sample, 'arch/x86/kvm/vmx/vmx.c'), 'utf8');

it('help and the documentation tell of every status', () => {
  expect(STATUSES.map(({ status }) => status)).toEqual(Object.values(ExitStatus));
  const page = readFileSync(fileURLToPath(new URL('../../docs/exit-status.md', import.meta.url)), 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) \| ([^|]*) \|/gm)].map(([, status, says]) => ({
    status: Number(status),
    says,
  }));
  expect(rows).toEqual(STATUSES);
});

describe('a file that cannot be read', () => {
  const unread: readonly (readonly [string, (file: string) => void, RegExp])[] = [
    [
      'one NUL',
      (file) => {
        writeFileSync(file, `${vmx}\0`);
      },
      /binary file: it holds NUL bytes/,
    ],
    [
      'a FIFO',
      (file) => {
        spawnSync('mkfifo', [file]);
      },
      /not a regular file/,
    ],
    [
      'a link to nothing',
      (file) => {
        symlinkSync('gone.c', file);
      },
      /symbolic link leads nowhere/,
    ],
    [
      'a directory',
      (file) => {
        mkdirSync(file);
      },
      /a directory, not a file/,
    ],
    [
      '10 GB',
      (file) => {
        writeFileSync(file, '');
        truncateSync(file, 10e9);
      },
      /too large: 10000000000 bytes/,
    ],
  ];

  it.each(unread)('%s: check could not judge, owner does not know, both say so', (_, change, message) => {
    const root = treeWith((file) => {
      rmSync(file);
      change(file);
    });
    const checked = run(['check', root, '--tracking']);
    expect(checked.status).toBe(ExitStatus.notJudged);
    expect(checked.stdout).toMatch(message);
    expect(checked.stdout).toMatch(/Register tracking was not judged: 1 part of the tree could not be read\./);
    const owner = run(['owner', root, 'CR3', '--backend', 'vmx']);
    expect(owner.status).toBe(ExitStatus.done);
    expect(owner.stdout).toMatch(/^VMX: unknown\n {2}How CR3 gets to the cache and back is not known/);
    expect(owner.stdout).toMatch(message);
  });

  it('in a document of check too', () => {
    const root = treeWith((file) => {
      writeFileSync(file, '\0');
    });
    const { status, stdout } = run(['check', root, '--json']);
    expect(status).toBe(ExitStatus.notJudged);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ file: 'arch/x86/kvm/vmx/vmx.c', line: null, message: 'binary file: it holds NUL bytes' }],
    });
  });

  it('that explain is asked of', () => {
    const root = treeWith((file) => {
      writeFileSync(file, '\0');
    });
    expect(run(['explain', root, 'vmx/vmx.c:1'])).toEqual({
      status: ExitStatus.notJudged,
      stdout: '',
      stderr: 'kvm-regs: arch/x86/kvm/vmx/vmx.c could not be read: binary file: it holds NUL bytes\n',
    });
  });

  it('may be the one that has a backend, which is then not said to be absent', () => {
    const root = treeWith((file) => {
      writeFileSync(join(file, '../tdx.c'), '\0');
    });
    const { status, stderr } = run(['owner', root, 'RAX', '--backend', 'tdx']);
    expect(status).toBe(ExitStatus.notJudged);
    expect(stderr).toMatch(/no backend 'tdx' in this tree; .*; not read: arch\/x86\/kvm\/vmx\/tdx\.c/);
  });

  it.skipIf(process.getuid?.() !== 0)('because its reader may not', () => {
    const root = treeWith((file) => {
      chmodSync(file, 0);
    });
    const { status, stdout } = run(['check', root, '--tracking'], { uid: 65534, gid: 65534 });
    expect(status).toBe(ExitStatus.notJudged);
    expect(stdout).toContain('arch/x86/kvm/vmx/vmx.c: permission denied');
  });
});

describe('a file that is read all the same', () => {
  const whole = run(['owner', sample, 'CR3', '--backend', 'vmx']).stdout;

  it.each([
    ['carriage returns alone', vmx.replaceAll('\n', '\r')],
    ['UTF-16', Buffer.from(`\uFEFF${vmx}`, 'utf16le')],
    ['Latin-1', Buffer.from(`${vmx}/* Jörg */\n`, 'latin1')],
  ])('%s', (_, content) => {
    const root = treeWith((file) => {
      writeFileSync(file, content);
    });
    expect(run(['owner', root, 'CR3', '--backend', 'vmx']).stdout).toBe(whole);
    expect(run(['check', root, '--tracking']).status).toBe(ExitStatus.done);
  });
});

describe('what cannot be written', () => {
  it('to a pipe that its reader closes changes nothing', () => {
    const { stdout, stderr } = bash(`kvm-regs refs "${sample}" | head -n 1; echo "\${PIPESTATUS[0]}"`);
    expect(stdout).toMatch(/^\S+: [^\n]*\n0\n$/);
    expect(stderr).toBe('');
  });

  it('to a pipe is no all-clear', async () => {
    const root = treeWith((file) => {
      writeFileSync(file, '\0');
    });
    const child = spawn(process.execPath, [program, 'check', root], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect(status).toBe(ExitStatus.notJudged);
  });

  it.runIf(existsSync('/dev/full'))('to a full disk is said, and is no finding', () => {
    const { status, stderr } = bash(`kvm-regs map "${sample}" > /dev/full`);
    expect(status).toBe(ExitStatus.fault);
    expect(stderr).toMatch(/^kvm-regs: the answer could not be written: ENOSPC\b[^\n]*\n$/);
  });

  it.runIf(existsSync('/dev/full'))('on stderr is lost', () => {
    expect(bash(`kvm-regs mpa 2> /dev/full`).status).toBe(ExitStatus.usage);
    expect(bash(`kvm-regs map "${sample}" > /dev/full 2>&1`).status).toBe(ExitStatus.fault);
  });
});

it('a fault of the program is none of the other statuses', () => {
  // A copy of the program without the parser's grammar.
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-fault-'));
  made.push(directory);
  cpSync(join(program, '..'), directory, { recursive: true });
  rmSync(join(directory, 'tree-sitter-c.wasm'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const { status, stderr } = spawnSync(process.execPath, [join(directory, 'cli.js'), 'map', sample], {
    encoding: 'utf8',
  });
  expect(status).toBe(ExitStatus.fault);
  expect(stderr).toMatch(/^kvm-regs: a fault of the program: Error: ENOENT/);
});
