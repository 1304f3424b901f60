// `npm run rules`: builds, and writes docs/checks.md, the page of the rules that `kvm-regs rules` prints.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './setup.mjs';

await import('./build.mjs');
const { stdout } = spawnSync(process.execPath, [join(root, 'server/dist/cli.js'), 'rules'], { encoding: 'utf8' });
writeFileSync(join(root, 'docs/checks.md'), stdout);
