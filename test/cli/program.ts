import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { keeping } from '../keeping.js';

/** The built program. */
export const program = fileURLToPath(new URL('../../server/dist/cli.js', import.meta.url));

/** Runs the built program; gives its exit status and what it wrote, without its word that it is reading. What one reads, the next one finds. */
export function run(args: readonly string[], options: SpawnSyncOptions = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: { ...process.env, ...keeping() },
    ...options,
    encoding: 'utf8',
  });
  return { status, stdout, stderr: stderr.replace(/^kvm-regs: reading the tree \.\.\.\n/, '') };
}

/** Runs a line of bash, in which `kvm-regs` is the built program. */
export function bash(line: string, options: SpawnSyncOptions = {}) {
  const script = `kvm-regs() { "${process.execPath}" "${program}" "$@"; }\n${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    env: { ...process.env, ...keeping() },
    ...options,
    encoding: 'utf8',
  });
  return { status, stdout, stderr: stderr.replace(/^kvm-regs: reading the tree \.\.\.\n/, '') };
}
