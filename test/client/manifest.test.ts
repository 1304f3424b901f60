import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandIds, hoverStep, inTreeKey, registeredIds, stepDoneKey } from '../../client/src/commandIds.js';
import { settingProperties, settingsDocs } from '../../scripts/settings-docs.mjs';
import { root } from '../../scripts/setup.mjs';
import { SETTINGS } from '../../server/src/lsp/features/features.js';

interface WalkthroughStep {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly image: Readonly<Record<'light' | 'dark' | 'hc' | 'hcLight', string>> };
  readonly completionEvents: readonly string[];
}

interface Manifest {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when: string }[]>>;
    readonly keybindings: readonly { readonly command: string; readonly when: string }[];
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly WalkthroughStep[] }[];
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const manifest = read('package.json') as Manifest;
const { contributes } = manifest;

test('the manifest has the settings that the server reads, with their defaults', () => {
  const expected = SETTINGS.map(({ key, schema, default: value, description }, order) => [
    `kvmRegs.${key}`,
    {
      ...schema,
      default: value,
      markdownDescription: description,
      order,
    },
  ]);
  const { 'kvmRegs.trace.server': trace, ...properties } = contributes.configuration.properties;
  expect(properties).toEqual(Object.fromEntries(expected));
  expect(trace).toMatchObject({ default: 'messages' }); // the client library's own
});

test('the manifest and docs/settings.md are what `npm run settings` writes', () => {
  expect(JSON.stringify(contributes.configuration.properties)).toBe(JSON.stringify(settingProperties(SETTINGS)));
  expect(readFileSync(join(root, 'docs/settings.md'), 'utf8')).toBe(settingsDocs());
});

test('the manifest has the commands that the extension registers, and no other', () => {
  expect(contributes.commands.map(({ command }) => command)).toEqual([...commandIds]);
  const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings];
  expect(commandIds).toEqual(expect.arrayContaining(used.map(({ command }) => command)));
  // The tree view is there only where a tree is.
  for (const { when } of used.filter(({ when }) => !when.startsWith('view == '))) expect(when).toContain(inTreeKey);
});

test('every command is in the palette, in one category', () => {
  expect(contributes.menus).not.toHaveProperty('commandPalette');
  expect(new Set(contributes.commands.map(({ category }) => category))).toEqual(new Set(['KVM Registers']));
});

test('each step of the walkthrough runs a command that is there, shows a picture of the package, and ends by what it is about', () => {
  const [walkthrough, ...others] = contributes.walkthroughs;
  expect(others).toEqual([]);
  expect(walkthrough?.steps.map(({ id }) => id)).toEqual(['hover', 'owner', 'map', 'xsave', 'check']);
  for (const { description, media, completionEvents } of walkthrough?.steps ?? []) {
    expect(registeredIds).toContain(/\(command:([\w.]+)\)/.exec(description)?.[1]);
    for (const image of Object.values(media.image)) expect(existsSync(join(root, image))).toBe(true);
    const steps = [...registeredIds, hoverStep].map((id) => `onContext:${stepDoneKey(id)}`);
    expect(steps).toEqual(expect.arrayContaining([...completionEvents]));
    expect(completionEvents.length).toBeGreaterThan(0);
  }
});

test('empty views say what to do, by commands that are there', () => {
  expect(contributes.viewsWelcome.map(({ view }) => view)).toEqual(['explorer', 'kvmRegs.registers']);
  for (const { contents } of contributes.viewsWelcome) {
    const linked = [...contents.matchAll(/\(command:([\w.]+)\)/g)].map(([, command]) => command);
    expect(linked.length).toBeGreaterThan(0);
    const known = [...commandIds, 'vscode.openFolder'];
    expect(known).toEqual(expect.arrayContaining(linked));
  }
});

test('activation looks for plain paths', () => {
  for (const event of manifest.activationEvents) expect(event).not.toMatch(/[*?[{]/);
});

test('the packages have one version, and VS Code’s types are of the oldest that is supported', () => {
  for (const workspace of ['client', 'server']) {
    expect(read(`${workspace}/package.json`)).toMatchObject({ version: manifest.version });
  }
  expect(manifest.engines['vscode']).toBe(`^${manifest.devDependencies['@types/vscode'] ?? ''}`);
});

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}
