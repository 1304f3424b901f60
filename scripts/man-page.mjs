// `npm run man`: writes server/man/kvm-regs.1, the manual page, from the same table of commands as the help.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { programParts } from './bundles.mjs';
import { root } from './setup.mjs';

const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-man-'));
try {
  await build({
    ...programParts,
    entryPoints: { manPage: 'server/src/cli/manPage.ts' },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
  });
  const { manPage } = /** @type {{ manPage: () => string }} */ (
    await import(pathToFileURL(join(directory, 'manPage.mjs')).href)
  );
  mkdirSync(join(root, 'server/man'), { recursive: true });
  writeFileSync(join(root, 'server/man/kvm-regs.1'), manPage());
} finally {
  rmSync(directory, { recursive: true });
}
