// `npm run package`: builds, and writes the extension's package, out/kvm-register-lens-VERSION.vsix.
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { root } from './setup.mjs';

/**
 * Packs what is built; `.vscodeignore` says which files.
 * @param {string} directory where the package goes
 * @returns {Promise<string>} its path
 */
export async function packExtension(directory) {
  const { name, version } = /** @type {{ name: string, version: string }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  const packagePath = join(directory, `${name}-${version}.vsix`);
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false, // everything is bundled
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return packagePath;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await import('./build.mjs');
  const out = join(root, 'out');
  mkdirSync(out, { recursive: true });
  console.log(relative(process.cwd(), await packExtension(out)));
}
