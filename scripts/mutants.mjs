// `npm run mutants -- [--every N] [PATH...]`: changes one thing at a time in server/src/check and server/src/model, or in the files
// under PATH, and runs the tests near it in a copy outside of the repository. What no test notices is printed. docs/testing.md
// tells what the changes are. Tests that read kernels, or each sample a hundred times, are not run: they would take hours.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from './setup.mjs';

/** @typedef {{ path: string, start: number, end: number, by: string }} Mutant */
/** @typedef {[node: ts.Node, by: string]} Change */

const { SyntaxKind: Kind } = ts;

/** What each operator becomes. */
const OPERATORS = new Map([
  [Kind.AmpersandAmpersandToken, '||'],
  [Kind.BarBarToken, '&&'],
  [Kind.EqualsEqualsEqualsToken, '!=='],
  [Kind.ExclamationEqualsEqualsToken, '==='],
  [Kind.LessThanToken, '<='],
  [Kind.LessThanEqualsToken, '<'],
  [Kind.GreaterThanToken, '>='],
  [Kind.GreaterThanEqualsToken, '>'],
]);

/** What each method becomes that asks all or any. */
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
]);

/** The tests near a folder. */
const TESTS = [
  ['server/src/check/apx', 'test/check/apx'],
  ['server/src/check/tracking', 'test/check/tracking'],
  ['server/src/check', 'test/check'],
  ['server/src/model/xsave', 'test/model/xsave'],
  ['server/src/model/egpr', 'test/model/egpr'],
  ['server/src/model', 'test/model'],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
});
const paths = positionals.length > 0 ? positionals : ['server/src/check', 'server/src/model'];
const all = paths.flatMap(filesUnder).flatMap(mutantsOf);
const chosen = all.filter((_, i) => i % Number(values.every) === 0);
const copy = mkdtempSync(join(tmpdir(), 'kvm-regs-mutants-'));
let caught = 0;
try {
  cpSync(root, copy, { recursive: true, filter: (from) => !/[/\\](?:node_modules|dist|out|\.git)$/.test(from) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // Where they fail without a change, they tell nothing.
  for (const path of new Set(chosen.map((mutant) => mutant.path)))
    if (!testsPass(path)) throw new Error(`the tests near ${path} fail as it is`);
  for (const mutant of chosen) {
    if (isCaught(mutant)) caught++;
    else console.log(`survives: ${placeOf(mutant)}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${caught} of ${chosen.length} mutants are caught; ${all.length} could be made`);

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => `${path}/${name}`);
}

/** @param {string} path @returns {Mutant[]} */
function mutantsOf(path) {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {Mutant[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    const [changed, by] = testChange(node, source) ?? callChange(node, source) ?? [];
    if (changed && by !== undefined) found.push({ path, start: changed.getStart(source), end: changed.getEnd(), by });
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** A test that is turned round, or never holds. @param {ts.Node} node @param {ts.SourceFile} source @returns {Change | null} */
function testChange(node, source) {
  if (ts.isBinaryExpression(node)) {
    const other = OPERATORS.get(node.operatorToken.kind);
    return other ? [node.operatorToken, other] : null;
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === Kind.ExclamationToken)
    return [node, node.operand.getText(source)];
  if (ts.isIfStatement(node)) return [node.expression, 'false'];
  return ts.isConditionalExpression(node) ? [node.condition, 'false'] : null;
}

/** A call that asks or leaves out something else, or another constant. @param {ts.Node} node @param {ts.SourceFile} source @returns {Change | null} */
function callChange(node, source) {
  if (ts.isPropertyAccessExpression(node) && METHODS.has(node.name.text))
    return [node.name, METHODS.get(node.name.text) ?? ''];
  if (ts.isCallExpression(node) && isFilter(node)) return [node, node.expression.expression.getText(source)];
  if (ts.isLiteralTypeNode(node.parent)) return null;
  if (node.kind === Kind.TrueKeyword) return [node, 'false'];
  return node.kind === Kind.FalseKeyword ? [node, 'true'] : null;
}

/** @param {ts.CallExpression} node @returns {node is ts.CallExpression & { expression: ts.PropertyAccessExpression }} */
function isFilter(node) {
  return ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'filter';
}

/** Whether a test near the file fails with the mutant. @param {Mutant} mutant */
function isCaught(mutant) {
  const file = join(copy, mutant.path);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, mutant.start) + mutant.by + text.slice(mutant.end));
  const passes = testsPass(mutant.path);
  writeFileSync(file, text);
  return !passes;
}

/** Whether the tests near a file pass. @param {string} path */
function testsPass(path) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const options = [
    'run',
    '--project',
    '!e2e',
    '--bail',
    '1',
    '--exclude',
    '**/kernels*/**',
    '--exclude',
    '**/*kernels*',
  ];
  const { status } = spawnSync(process.execPath, [vitest, ...options, ...testsOf(path)], {
    cwd: copy,
    stdio: 'ignore',
  });
  return status === 0;
}

/** The tests named as the file is, and those of its folder. @param {string} path */
function testsOf(path) {
  const own = path.replace(/^server\/src/, 'test').replace(/\.ts$/, '.test.ts');
  if (existsSync(join(root, own))) return [own];
  return TESTS.flatMap(([folder = '', tests = '']) => (path.startsWith(`${folder}/`) ? tests : [])).slice(0, 1);
}

/** @param {Mutant} mutant */
function placeOf({ path, start, end, by }) {
  const text = readFileSync(join(root, path), 'utf8');
  const line = text.slice(0, start).split('\n').length;
  return `${path}:${line} ${text.slice(start, end).replace(/\s+/g, ' ')} -> ${by.replace(/\s+/g, ' ')}`;
}
