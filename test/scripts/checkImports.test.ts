import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-imports.mjs', import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'check-imports-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** The check's exit status and its complaints for a server/src of these files. */
function check(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, directory], { encoding: 'utf8' });
  return { status, violations: stderr.split('\n').filter((line) => line !== '') };
}

test('accepts what the layers allow', () => {
  const result = check({
    'tree/a.ts': `import { readFileSync } from 'node:fs'; import { b } from './b.js';`,
    'syntax/a.ts': `import type { Node } from 'web-tree-sitter'; // import 'node:fs'`,
    'facts/a.ts': `export { a } from '../syntax/a.js'; const text = "import 'fs'";`,
    'explain/deep/a.ts': `import { a } from '../../model/a.js'; import { b } from '../b.js';`,
    'lsp/main.ts': `import { a } from '../tree/a.js'; import { createConnection } from 'vscode-languageserver/node.js';`,
    'client/a.ts': `import { Uri } from 'vscode'; import { b } from './b.js'; import 'vscode-languageclient/node';`,
    'client/b.ts': `import { STATUS } from '../../protocol/protocol.js'; import type { M } from '../../webview/messages.js';`,
    'view/a.ts': `import dagre from '@dagrejs/dagre'; import { a } from '../explain/deep/a.js';`,
    'lsp/features/a.ts': `import type { Status } from '../../../../protocol/protocol.js';`,
    'cli/main.ts': `import manifest from '../../package.json' with { type: 'json' }; await import('../lsp/main.js');`,
  });
  expect(result).toEqual({ status: 0, violations: [] });
});

test('names each import that breaks a rule, whatever its form', () => {
  const result = check({
    'syntax/a.ts': `\nimport { readFileSync } from 'node:fs';\nimport path from 'path';\nimport { t } from '../tree/t.js';`,
    'facts/a.ts': `export * from '../model/m.js';\nconst name = 'fs'; await import(name);\nrequire('fs/promises');`,
    'model/a.ts': `/// <reference types="node" />\nlet a: import('vscode').Uri;\nimport b = require('os');`,
    'explain/a.ts': `import type { C } from 'vscode-languageserver';\nimport json from '../../package.json';`,
    'lsp/a.ts': `import { main } from '../cli/main.js';`,
    'protocol/a.ts': `import type { Hover } from 'vscode-languageserver';\nimport '../client/src/a.js';`,
    'client/a.ts': `import type { Status } from '../lsp/protocol.js';\nimport '../../server/src/lsp/protocol.js';`,
    'cli/a.ts': `import { serve } from '../lsp/main.js';\nimport 'left-pad';\nimport '../../../test/kernels.js';`,
    'other/a.ts': ``,
  });
  expect(result.violations).toEqual([
    'cli/a.ts:1: cli may import lsp only by await import()',
    'cli/a.ts:2: cli must not import the package left-pad',
    'cli/a.ts:3: cli must not import ../../../test/kernels.js',
    'client/a.ts:1: client must not import lsp',
    'client/a.ts:2: client must not import ../../server/src/lsp/protocol.js',
    'explain/a.ts:1: explain must not import the package vscode-languageserver',
    'explain/a.ts:2: explain must not import package.json',
    'facts/a.ts:1: facts must not import model',
    'facts/a.ts:2: imports a computed name, which cannot be checked',
    "facts/a.ts:3: facts must not import Node.js's fs/promises",
    'lsp/a.ts:1: lsp must not import cli',
    'model/a.ts:1: model must not import the package node',
    'model/a.ts:2: model must not import the package vscode',
    "model/a.ts:3: model must not import Node.js's os",
    'other/a.ts: other is no layer (one of protocol, tree, cache, store, syntax, backends, facts, model, check, explain, view, lsp, webview, client, cli)',
    'protocol/a.ts:1: protocol must not import the package vscode-languageserver',
    'protocol/a.ts:2: protocol must not import client',
    "syntax/a.ts:2: syntax must not import Node.js's node:fs",
    "syntax/a.ts:3: syntax must not import Node.js's path",
    'syntax/a.ts:4: syntax must not import tree',
  ]);
  expect(result.status).toBe(1);
});

test('names the files of a cycle in order, where types alone make it too', () => {
  const result = check({
    'syntax/a.ts': `import type { B } from './deep/b.js';`,
    'syntax/deep/b.ts': `export { c } from '../c.js'; import { d } from '../d.js';`,
    'syntax/c.ts': `let a: import('./a.js').A;`,
    'syntax/d.ts': `import { c } from './c.js';`,
    'model/a.ts': `import { a } from './a.js'; import { b } from './b.js';`,
    'model/b.ts': `import { a } from '../syntax/a.js';`,
    'client/b.ts': `import { p } from '../../protocol/p.js';`,
    'protocol/p.ts': `import { q } from './q.js';`,
    'protocol/q.ts': `import { p } from '../protocol/p.js';`,
  });
  expect(result).toEqual({
    status: 1,
    violations: [
      'cycle of imports: model/a.ts -> model/a.ts',
      'cycle of imports: protocol/p.ts -> protocol/q.ts -> protocol/p.ts',
      'cycle of imports: syntax/a.ts -> syntax/deep/b.ts -> syntax/c.ts -> syntax/a.ts',
      'cycle of imports: syntax/a.ts -> syntax/deep/b.ts -> syntax/d.ts -> syntax/c.ts -> syntax/a.ts',
    ],
  });
});
