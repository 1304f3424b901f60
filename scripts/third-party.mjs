// `npm run third-party`: writes THIRD_PARTY.md, the notices of the packages whose code is in server/dist.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

/** The packages whose code is in server/dist, bundled or copied. */
export const bundledPackages = ['web-tree-sitter', 'tree-sitter-c'];

/** The text of THIRD_PARTY.md for what is installed. */
export function thirdPartyNotices() {
  const notices = bundledPackages.map((name) => {
    const { version, license } = /** @type {{ version: string, license: string }} */ (
      JSON.parse(installed(name, 'package.json'))
    );
    return `## ${name} ${version} (${license})\n\n${installed(name, 'LICENSE')
      .trim()
      .replace(/^(?=.)/gm, '    ')}\n`;
  });
  return ['# Third-party software in this package\n', ...notices].join('\n');
}

/**
 * @param {string} name
 * @param {string} file
 */
function installed(name, file) {
  return readFileSync(join(root, 'node_modules', name, file), 'utf8').replace(/\r\n/g, '\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'THIRD_PARTY.md'), thirdPartyNotices());
