// `npm run third-party`: writes THIRD_PARTY.md, the notices of the packages whose code is in server/dist or client/dist.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundledPackages, bundles } from './bundles.mjs';
import { root } from './setup.mjs';

/** @typedef {{ title: string, licence: string }} Notice */

/** The text of THIRD_PARTY.md for what is bundled now. */
export async function thirdPartyNotices() {
  const results = await Promise.all(bundles.map((bundle) => build({ ...bundle, metafile: true, write: false })));
  return noticesText(bundledPackages(results.map(({ metafile }) => metafile)).map(noticeOf));
}

/**
 * One section for each licence text, under the names of the packages that have it.
 * @param {Notice[]} notices
 */
function noticesText(notices) {
  const licences = [...new Set(notices.map(({ licence }) => licence))];
  const sections = licences.map((licence) => {
    const titles = new Set(notices.filter((notice) => notice.licence === licence).map(({ title }) => title));
    return `## ${[...titles].join(', ')}\n\n${licence.replace(/^(?=.)/gm, '    ')}\n`;
  });
  return ['# Third-party software in this package\n', ...sections].join('\n');
}

/**
 * What a package must be named with.
 * @param {string} directory relative to the root
 * @returns {Notice}
 */
export function noticeOf(directory) {
  const { name, version, license } = /** @type {{ name: string, version: string, license: string }} */ (
    JSON.parse(textOf(directory, 'package.json'))
  );
  const file = readdirSync(join(root, directory)).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${directory} has no licence file`);
  return { title: `${name} ${version} (${license})`, licence: textOf(directory, file).trim() };
}

/**
 * @param {string} directory
 * @param {string} file
 */
function textOf(directory, file) {
  return readFileSync(join(root, directory, file), 'utf8').replace(/\r\n/g, '\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'THIRD_PARTY.md'), await thirdPartyNotices());
