import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('neighbour/', import.meta.url));

/** Packages the extension of neighbour/, built, in an empty directory; gives the path of its .vsix. */
export async function packageNeighbour(directory: string): Promise<string> {
  await build({
    entryPoints: [join(source, 'extension.ts')],
    outdir: directory,
    bundle: true,
    format: 'esm',
    external: ['vscode'],
  });
  await copyFile(join(source, 'package.json'), join(directory, 'package.json'));
  const packagePath = join(directory, 'neighbour.vsix');
  await createVSIX({
    cwd: directory,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return packagePath;
}
