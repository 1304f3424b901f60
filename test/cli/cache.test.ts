import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { samplePath } from '../samples.js';
import { temporaryTree } from '../tree/temporaryTree.js';
import { program, run } from './program.js';

const MEGABYTE = 1_000_000;

/** A sample, copied, and a program that has a cache directory of its own. */
function cachingProgram(environment: Readonly<Record<string, string | undefined>> = {}) {
  const directory = temporaryTree({});
  const root = join(directory, 'tree');
  const cache = join(directory, 'cache');
  cpSync(samplePath('load-store-regs'), root, { recursive: true });
  const env = { ...process.env, XDG_CACHE_HOME: cache, KVM_REGS_CACHE_LIMIT: undefined, ...environment };
  const inTree = { env, cwd: join(root, 'arch/x86/kvm') };
  return {
    root,
    folder: join(cache, 'kvm-regs'),
    /** With the cache. */
    kvmRegs: (...args: readonly string[]) => run(args, inTree),
    fresh: (...args: readonly string[]) => run([...args, '--no-cache'], inTree),
  };
}

function recordsIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder).sort() : [];
}

it.each([
  [['map']],
  [['map', '--width', '120', '--color', 'always']],
  [['owner', 'CR3', '--backend', 'vmx', '--dot']],
  [['refs', 'RAX', 'RBX']],
  [['explain', 'x86.c:1']],
  [['xsave', '--json']],
  [['check']],
  [['owner', 'RXX']],
])('%j is answered the same the first time, the second time and without the cache', (args) => {
  const { kvmRegs, fresh } = cachingProgram();
  const answer = fresh(...args);
  expect(kvmRegs(...args)).toEqual(answer);
  expect(kvmRegs(...args)).toEqual(answer);
});

it('follows the tree', () => {
  const { root, kvmRegs, fresh } = cachingProgram();
  const before = kvmRegs('refs', 'RAX');
  writeFileSync(join(root, 'arch/x86/kvm/new.c'), 'void f(struct kvm_vcpu *vcpu)\n{\n\tkvm_eax_write(vcpu, 1);\n}\n');
  const after = kvmRegs('refs', 'RAX');
  expect(after.stdout).toContain('arch/x86/kvm/new.c:3');
  expect(after).toEqual(fresh('refs', 'RAX'));
  rmSync(join(root, 'arch/x86/kvm/new.c'));
  expect(kvmRegs('refs', 'RAX')).toEqual(before);
});

it('gives a kept answer without the engine, and by the same build only', () => {
  const { root } = cachingProgram();
  const directory = dirname(root);
  const copy = join(directory, 'dist');
  cpSync(dirname(program), copy, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const env = { ...process.env, XDG_CACHE_HOME: join(directory, 'cache'), KVM_REGS_CACHE_LIMIT: '1' };
  const copied = () => spawnSync(process.execPath, [join(copy, 'cli.js'), 'map', root], { env, encoding: 'utf8' });
  const { stdout } = copied();
  rmSync(join(copy, 'answers.js'));
  expect(copied()).toMatchObject({ status: 0, stdout, stderr: '' });
  writeFileSync(join(copy, 'build-id'), 'another');
  expect(copied().status).toBe(70);
});

it('is shared by programs that run at once', async () => {
  const { root, folder, fresh } = cachingProgram();
  const env = { ...process.env, XDG_CACHE_HOME: dirname(folder), KVM_REGS_CACHE_LIMIT: '1' };
  const answer = () => promisify(execFile)(process.execPath, [program, 'map', root], { env });
  const answers = await Promise.all([answer(), answer(), answer(), answer()]);
  const { stdout } = fresh('map');
  for (const each of answers) expect(each.stdout).toBe(stdout);
  // What one alone keeps of the same tree, each record once.
  const alone = join(dirname(root), 'alone');
  run(['map', root], { env: { ...env, XDG_CACHE_HOME: alone } });
  expect(recordsIn(folder)).toEqual(recordsIn(join(alone, 'kvm-regs')));
  expect((await answer()).stdout).toBe(stdout);
});

it('explains a file as it is named from the current directory', () => {
  const { root, kvmRegs, fresh } = cachingProgram();
  expect(kvmRegs('explain', 'vmx.c:1').status).toBe(0);
  const elsewhere = {
    env: { ...process.env, XDG_CACHE_HOME: join(dirname(root), 'cache'), KVM_REGS_CACHE_LIMIT: '1' },
    cwd: root,
  };
  expect(run(['explain', 'vmx.c:1'], elsewhere)).toEqual(run(['explain', 'vmx.c:1', '--no-cache'], elsewhere));
  expect(kvmRegs('explain', 'vmx.c:1')).toEqual(fresh('explain', 'vmx.c:1'));
});

it('writes the page of --html each time', () => {
  const { root, folder, kvmRegs } = cachingProgram();
  const file = join(dirname(root), 'map.html');
  expect(kvmRegs('map', '--html', file)).toEqual({ status: 0, stdout: '', stderr: '' });
  const page = readFileSync(file, 'utf8');
  rmSync(file);
  expect(kvmRegs('map', '--html', file).status).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(page);
  expect(recordsIn(folder)).toEqual([]);
});

it('keeps nothing with --no-cache, and with a limit of 0', () => {
  const { folder, fresh } = cachingProgram();
  fresh('map');
  expect(recordsIn(folder)).toEqual([]);
  const none = cachingProgram({ KVM_REGS_CACHE_LIMIT: '0' });
  none.kvmRegs('map');
  expect(recordsIn(none.folder)).toEqual([]);
  expect(none.kvmRegs('cache').stdout).toBe(`${none.folder}\n0 records, 0 MB of at most 0 MB: nothing is kept\n`);
});

it('says in one line that a limit is none', () => {
  const { kvmRegs } = cachingProgram({ KVM_REGS_CACHE_LIMIT: '10 GB' });
  const stderr = "kvm-regs: KVM_REGS_CACHE_LIMIT is a number of megabytes, not '10 GB'\n";
  expect(kvmRegs('map')).toEqual({ status: 2, stdout: '', stderr });
});

it('tells where the cache is and how much is in it, and clears it', () => {
  const { folder, kvmRegs } = cachingProgram({ KVM_REGS_CACHE_LIMIT: '5' });
  kvmRegs('map');
  const names = recordsIn(folder);
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(names.length).toBeGreaterThan(2);
  expect(JSON.parse(kvmRegs('cache', '--json').stdout)).toEqual({
    schema: 1,
    directory: folder,
    records: names.length,
    bytes,
    limit: 5 * MEGABYTE,
  });
  expect(kvmRegs('cache').stdout).toBe(
    `${folder}\n${String(names.length)} records, ${(bytes / MEGABYTE).toFixed(1)} MB of at most 5 MB\n`,
  );
  expect(kvmRegs('cache', '--clear').stdout).toBe(`${folder}\n0 records, 0 MB of at most 5 MB\n`);
  expect(recordsIn(folder)).toEqual([]);
});

it('keeps nothing in the tree, by whatever path it leads there', () => {
  const { root, fresh } = cachingProgram();
  const answer = fresh('map');
  const inTree = (cache: string) =>
    run(['map', root], { env: { ...process.env, XDG_CACHE_HOME: cache, KVM_REGS_CACHE_LIMIT: '1' } });
  expect(inTree(join(root, '.cache'))).toEqual(answer);
  const link = join(dirname(root), 'link');
  symlinkSync(join(root, 'arch'), link);
  expect(inTree(link)).toEqual(answer);
  expect(readdirSync(root)).not.toContain('.cache');
  expect(readdirSync(join(root, 'arch'))).toEqual(['x86']);
});

it.each([
  ['no directory is named', { XDG_CACHE_HOME: undefined, HOME: undefined }],
  ['the directory cannot be made', { XDG_CACHE_HOME: '/dev/null' }],
])('answers where %s', (_, environment) => {
  const { kvmRegs, fresh } = cachingProgram(environment);
  expect(kvmRegs('map')).toEqual(fresh('map'));
});

it('says that there is no cache where no directory is named', () => {
  const { kvmRegs } = cachingProgram({ XDG_CACHE_HOME: undefined, HOME: undefined });
  expect(kvmRegs('cache', '--clear')).toEqual({
    status: 0,
    stdout: 'no cache: the environment names no directory for it\n',
    stderr: '',
  });
});

it('trusts no directory that others write to', () => {
  const { folder, kvmRegs, fresh } = cachingProgram();
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  expect(kvmRegs('map')).toEqual(fresh('map'));
  expect(recordsIn(folder)).toEqual([]);
});
