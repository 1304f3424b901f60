// `npm run package [-- FILE]`: builds, and writes the extension's package: FILE, or out/kvm-register-lens-VERSION.vsix.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { root } from './setup.mjs';

/**
 * Packs what is built; `.vscodeignore` says which files.
 * @param {string} packagePath the package's file
 */
export async function packExtension(packagePath) {
  mkdirSync(dirname(packagePath), { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false, // everything is bundled
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
}

/** `out/kvm-register-lens-VERSION.vsix`, absolute. */
function defaultPath() {
  const { name, version } = /** @type {{ name: string, version: string }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  return join(root, 'out', `${name}-${version}.vsix`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = process.argv[2] ?? defaultPath();
  await import('./build.mjs');
  await packExtension(path);
  console.log(relative(process.cwd(), path));
}
