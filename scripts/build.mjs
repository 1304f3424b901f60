// Builds everything: server/dist with the two WebAssembly files that it loads, the page of its rules, the notices that it owes and what
// tells this build from others, client/dist.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, bundles, wasmDigests, wasmFiles } from './bundles.mjs';
import { root } from './setup.mjs';
import { noticeOf } from './third-party.mjs';

for (const { outdir } of bundles) rmSync(join(root, outdir), { recursive: true, force: true });
const results = await Promise.all(bundles.map((bundle) => build(bundle)));
requireDigests();
requireNotices(bundledPackages(results.map(({ metafile }) => metafile)));
for (const file of [...wasmFiles, 'LICENSE', 'THIRD_PARTY.md', 'docs/checks.md']) {
  copyFileSync(join(root, file), join(root, 'server/dist', basename(file)));
}
writeFileSync(join(root, 'server/dist/build-id'), hashOf(join(root, 'server/dist')));

/**
 * A hash of all files in a directory, by which what one build of the program kept is told from what another did.
 * @param {string} directory
 */
function hashOf(directory) {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory).sort())
    hash.update(`${name}\0`).update(readFileSync(join(directory, name)));
  return hash.digest('hex');
}

/** Fails when a WebAssembly file is not the one of the pinned version: what is shipped is known, byte by byte. */
function requireDigests() {
  for (const [file, digest] of Object.entries(wasmDigests)) {
    const found = createHash('sha256')
      .update(readFileSync(join(root, file)))
      .digest('hex');
    if (found !== digest) throw new Error(`${file} is not the pinned one: its SHA-256 is ${found}, not ${digest}`);
  }
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
