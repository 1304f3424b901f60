// `npm run package [-- FILE]`: builds, and writes the extension's package: FILE, or out/kvm-register-lens-VERSION.vsix.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { extensionPage } from './extension-page.mjs';
import { root } from './setup.mjs';

/** The first moment that a zip archive can name, 1980-01-01, in seconds: files of the package have no time of their own, so that the same files make the same bytes. */
const ZIP_EPOCH = '315532800';

/**
 * Packs what is built; `.vscodeignore` says which files. The README of the package is the extension's page, not the repository's.
 * @param {string} packagePath the package's file
 */
export async function packExtension(packagePath) {
  mkdirSync(dirname(packagePath), { recursive: true });
  const staging = mkdtempSync(join(tmpdir(), 'kvm-regs-package-'));
  try {
    for (const file of await listFiles({ cwd: root, packageManager: PackageManager.None }))
      cpSync(join(root, file), join(staging, file), { recursive: true });
    writeFileSync(join(staging, 'README.md'), extensionPage());
    process.env['SOURCE_DATE_EPOCH'] ??= ZIP_EPOCH;
    await createVSIX({
      cwd: staging,
      packagePath,
      dependencies: false, // everything is bundled
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
  } finally {
    rmSync(staging, { recursive: true });
  }
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
