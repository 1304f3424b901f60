// Builds everything: server/dist with the two WebAssembly files that it loads, the page of its rules and the notices that it owes, client/dist.
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, bundles, wasmFiles } from './bundles.mjs';
import { root } from './setup.mjs';
import { noticeOf } from './third-party.mjs';

for (const { outdir } of bundles) rmSync(join(root, outdir), { recursive: true, force: true });
const results = await Promise.all(bundles.map((bundle) => build(bundle)));
requireNotices(bundledPackages(results.map(({ metafile }) => metafile)));
for (const file of [...wasmFiles, 'LICENSE', 'THIRD_PARTY.md', 'docs/checks.md']) {
  copyFileSync(join(root, file), join(root, 'server/dist', basename(file)));
}

/**
 * Fails when a package is bundled that THIRD_PARTY.md says nothing of.
 * @param {string[]} packages
 */
function requireNotices(packages) {
  const notices = readFileSync(join(root, 'THIRD_PARTY.md'), 'utf8');
  for (const { title } of packages.map(noticeOf)) {
    if (!notices.includes(title)) throw new Error(`${title} is not in THIRD_PARTY.md: npm run third-party`);
  }
}
