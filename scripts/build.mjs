// Bundles the server: server/dist/cli.js, with the two WebAssembly files it loads and the notices it owes beside it.
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';
import { bundledPackages } from './third-party.mjs';

const dist = join(root, 'server/dist');
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'server/src/cli/main.ts' },
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none', // the notices are in THIRD_PARTY.md
  metafile: true,
  logLevel: 'warning',
});
requireNotices(Object.keys(metafile.inputs));

for (const file of [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'node_modules/tree-sitter-c/tree-sitter-c.wasm',
  'LICENSE',
  'THIRD_PARTY.md',
]) {
  copyFileSync(join(root, file), join(dist, basename(file)));
}

/**
 * Fails when a package is bundled that THIRD_PARTY.md says nothing of.
 * @param {string[]} inputs paths of the files in the bundle
 */
function requireNotices(inputs) {
  for (const input of inputs) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined && !bundledPackages.includes(name)) {
      throw new Error(`${name} is bundled but not in bundledPackages of scripts/third-party.mjs`);
    }
  }
}
