import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = join(root, 'node_modules/vscode-tmgrammar-test/dist/unit.js');

describe('grammars', () => {
  it('give the scopes that are marked in the fixtures', () => {
    const host = ['c', 'cpp'].flatMap((language) => ['--grammar', `test/grammar/${language}.tmLanguage.json`]);
    const fixtures = readdirSync(join(root, 'test/grammar')).filter((name) => /\.[chS]$/.test(name));
    const paths = fixtures.map((name) => `test/grammar/${name}`);
    const { status, stdout } = spawnSync(process.execPath, [tool, ...host, ...paths], { cwd: root, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });

  it('are in the manifest by their own names', () => {
    const assembly = { scopeName: 'source.kvm-asm', path: './syntaxes/kvm-asm.tmLanguage.json' };
    const registers = {
      scopeName: 'kvm-registers.injection',
      path: './syntaxes/kvm-registers.injection.tmLanguage.json',
    };
    for (const { scopeName, path } of [assembly, registers]) expect(json(path)).toHaveProperty('scopeName', scopeName);
    expect(json('package.json')).toHaveProperty('contributes.grammars', [
      { language: 'kvm-asm', ...assembly },
      { ...registers, injectTo: ['source.c', 'source.cpp'] },
    ]);
  });

  it('are of a language that claims kernel paths, not the extension .S', () => {
    const configuration = './syntaxes/kvm-asm.language-configuration.json';
    expect(json(configuration)).toHaveProperty('comments.lineComment', '//');
    expect(json('package.json')).toHaveProperty(
      'contributes.languages',
      expect.arrayContaining([
        {
          id: 'kvm-asm',
          aliases: ['KVM x86 Assembly', 'kvm-asm'],
          filenamePatterns: ['**/arch/x86/**/*.S'],
          configuration,
        },
      ]),
    );
  });
});

function json(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
