import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundles } from '../../scripts/bundles.mjs';
import { extensionPage } from '../../scripts/extension-page.mjs';
import { packExtension } from '../../scripts/package.mjs';
import { root } from '../../scripts/setup.mjs';

let directory: string;
let vsix: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'package-'));
  vsix = join(directory, 'extension.vsix');
  await packExtension(vsix);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('the package holds what is bundled, the sample that it opens and the notices, and nothing else', () => {
  const files = namesInZip(readFileSync(vsix)).map((name) =>
    name.replace(/part-\w+/, 'part-HASH').replace(/^(extension\/samples\/[^/]+)\/.*/, '$1'),
  );
  expect([...new Set(files)].sort()).toEqual([
    '[Content_Types].xml',
    'extension.vsixmanifest',
    'extension/LICENSE.txt',
    'extension/THIRD_PARTY.md',
    'extension/changelog.md',
    'extension/client/dist/client.cjs',
    'extension/client/dist/extension.cjs',
    'extension/docs/extension.md',
    'extension/docs/icon.png',
    ...['hover', 'owner-pick', 'xsave-page'].map((name) => `extension/docs/screenshots/${name}.png`),
    ...['dark', 'light'].flatMap((theme) =>
      ['check', 'hover', 'map', 'owner', 'xsave'].map((name) => `extension/docs/walkthrough/${theme}/${name}.png`),
    ),
    'extension/package.json',
    'extension/readme.md',
    'extension/samples/load-store-regs',
    'extension/server/dist/answers.js',
    'extension/server/dist/build-id',
    'extension/server/dist/checks.md',
    'extension/server/dist/cli.js',
    'extension/server/dist/engine.js',
    'extension/server/dist/languageServer.js',
    'extension/server/dist/map.js',
    'extension/server/dist/mapStyle.css',
    'extension/server/dist/part-HASH.js',
    'extension/server/dist/rulesLines.js',
    'extension/server/dist/tree-sitter-c.wasm',
    'extension/server/dist/web-tree-sitter.wasm',
    'extension/syntaxes/kvm-asm.language-configuration.json',
    'extension/syntaxes/kvm-asm.tmLanguage.json',
    'extension/syntaxes/kvm-registers.injection.tmLanguage.json',
  ]);
});

test('the same source makes the same package, byte by byte', async () => {
  const again = join(directory, 'again.vsix');
  await packExtension(again);
  expect(readFileSync(again).equals(readFileSync(vsix))).toBe(true);
  for (const bundle of bundles) {
    const digests = async () =>
      (await build({ ...bundle, write: false })).outputFiles.map(({ path, hash }) => [path, hash]);
    expect(await digests()).toEqual(await digests());
  }
});

test('the page of the extension has its pictures in it, and no link that leads nowhere', () => {
  const links = [...extensionPage().matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target ?? '');
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(link).toMatch(/^data:image\/png;base64,[\w+/]+=*$/);
});

test('the package is small, and so is what every window with C code loads', () => {
  expect(statSync(vsix).size).toBeLessThan(2.5e6);
  expect(statSync(join(root, 'client/dist/extension.cjs')).size).toBeLessThan(5e3);
});

test('everything but Node.js and VS Code is bundled', async () => {
  const results = await Promise.all(bundles.map((bundle) => build({ ...bundle, write: false })));
  const imported = results
    .flatMap(({ metafile }) => Object.values(metafile.outputs))
    .flatMap(({ imports }) => imports)
    .filter(({ path, external }) => external === true && !isBuiltin(path))
    .map(({ path }) => path);
  const ours = ['./answers.js', './client.cjs', './languageServer.js', './rulesLines.js'];
  expect([...new Set(imported)].sort()).toEqual([...ours, 'vscode']);
  const bundled = results.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const part of ours) expect(bundled).toContain(basename(part));
});

/** The names of the files in a zip archive, from its central directory (APPNOTE.TXT 4.3.12 and 4.3.16). */
function namesInZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    names.push(zip.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return names;
}
