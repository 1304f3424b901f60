// `npm run settings`: writes docs/settings.md, the settings that package.json contributes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

/** @typedef {{ type: string, enum?: string[], default: unknown, markdownDescription: string }} Setting */

const head = `# Settings

In VS Code as they stand; another editor gives its language client the same settings in section \`kvmRegs\`. A change is heeded
at once.

| setting | type | default | |
| --- | --- | --- | --- |
`;

/** The text of docs/settings.md for the manifest as it is. */
export function settingsDocs() {
  const { contributes } = /** @type {{ contributes: { configuration: { properties: Record<string, Setting> } } }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  const rows = Object.entries(contributes.configuration.properties).map(([key, setting]) => {
    const type = setting.enum?.map((value) => `\`${value}\``).join(', ') ?? setting.type;
    return `| \`${key}\` | ${type} | \`${JSON.stringify(setting.default)}\` | ${setting.markdownDescription} |\n`;
  });
  return head + rows.join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, 'docs/settings.md'), settingsDocs());
