import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/setup.mjs';

/** Packages our extension as a user gets it, into `directory`; gives the path of its .vsix. */
export function packageExtension(directory: string): string {
  const path = join(directory, 'kvm-register-lens.vsix');
  execFileSync(process.execPath, [join(root, 'scripts/package.mjs'), path], { stdio: ['ignore', 'ignore', 'inherit'] });
  return path;
}
