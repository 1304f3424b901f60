// `npm run settings`: writes what package.json contributes as settings, from the schemas beside the server's features, and
// docs/settings.md from that.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

/** @typedef {import('../server/src/lsp/settings.js').SettingSchema} SettingSchema */
/** @typedef {{ type: string, enum?: string[], default: unknown, markdownDescription: string, order: number }} Property */
/** @typedef {Record<string, Property>} Properties */

const head = `# Settings

In VS Code as they stand; another editor gives its language client the same settings in section \`kvmRegs\`. A change is heeded
at once.

| setting | type | default | |
| --- | --- | --- | --- |
`;

/** The text of docs/settings.md for the manifest as it is. */
export function settingsDocs() {
  const rows = Object.entries(readManifest().contributes.configuration.properties).map(([key, setting]) => {
    const type = setting.enum?.map((value) => `\`${value}\``).join(', ') ?? setting.type;
    return `| \`${key}\` | ${type} | \`${JSON.stringify(setting.default)}\` | ${setting.markdownDescription} |\n`;
  });
  return head + rows.join('');
}

/**
 * What the manifest has to contribute: the server's settings, then the one that is the client library's own.
 * @param {readonly SettingSchema[]} settings
 */
export function settingProperties(settings) {
  const server = settings.map(({ key, schema, default: value, description }, order) => [
    `kvmRegs.${key}`,
    { ...schema, default: value, markdownDescription: description, order },
  ]);
  const library = Object.entries(readManifest().contributes.configuration.properties)
    .filter(([key]) => key === 'kvmRegs.trace.server')
    .map(([key, property]) => [key, { ...property, order: settings.length }]);
  /** @type {Properties} */
  const properties = Object.fromEntries([...server, ...library]);
  return properties;
}

function readManifest() {
  /** @type {{ contributes: { configuration: { properties: Properties } } }} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return manifest;
}

/** The settings of the sources as they are, which are bundled for that. */
async function loadSettings() {
  const { build } = await import('esbuild');
  const { programParts } = await import('./bundles.mjs');
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-settings-'));
  try {
    await build({
      ...programParts,
      entryPoints: { features: 'server/src/lsp/features/features.ts' },
      outdir: directory,
      outExtension: { '.js': '.mjs' },
    });
    const { SETTINGS } = /** @type {{ SETTINGS: readonly SettingSchema[] }} */ (
      await import(pathToFileURL(join(directory, 'features.mjs')).href)
    );
    return SETTINGS;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const manifest = readManifest();
  manifest.contributes.configuration.properties = settingProperties(await loadSettings());
  writeFileSync(join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(root, 'docs/settings.md'), settingsDocs());
}
