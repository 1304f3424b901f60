// `npm run imports [-- DIRECTORY]`: fails when a layer of server/src, or the client, imports what it must not.
import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative, sep } from 'node:path';
import process from 'node:process';
import ts from 'typescript';
import { root } from './setup.mjs';

/** @typedef {{ layers: string[], lazyLayers?: string[], packages: string[], builtins: boolean }} Rule */

/**
 * What each layer may import: other layers (`lazyLayers` only by `await import`), packages, Node.js's own modules.
 * The pure layers, syntax to explain, get their text handed to them, so that they run in a browser worker too. The client
 * knows the server by their protocol only, which knows neither.
 * @type {Record<string, Rule>}
 */
const rules = {
  protocol: { layers: [], packages: [], builtins: false },
  tree: { layers: [], packages: [], builtins: true },
  cache: { layers: [], packages: [], builtins: false },
  syntax: { layers: ['cache'], packages: ['web-tree-sitter'], builtins: false },
  backends: { layers: ['cache', 'syntax'], packages: [], builtins: false },
  facts: { layers: ['cache', 'syntax', 'backends'], packages: ['web-tree-sitter'], builtins: false },
  model: { layers: ['cache', 'syntax', 'backends', 'facts'], packages: [], builtins: false },
  check: { layers: ['cache', 'syntax', 'backends', 'facts', 'model'], packages: [], builtins: false },
  explain: { layers: ['cache', 'syntax', 'backends', 'facts', 'model'], packages: [], builtins: false },
  lsp: {
    layers: ['protocol', 'tree', 'cache', 'syntax', 'backends', 'facts', 'model', 'check', 'explain'],
    packages: ['vscode-languageserver', 'vscode-languageserver-textdocument'],
    builtins: true,
  },
  client: { layers: ['protocol'], packages: ['vscode', 'vscode-languageclient'], builtins: true },
  cli: {
    layers: ['tree', 'cache', 'syntax', 'backends', 'facts', 'model', 'check', 'explain'],
    lazyLayers: ['lsp'],
    packages: [],
    builtins: true,
  },
};

/** Where the layers are; the client and the protocol count as such. A given directory has them all. */
const directories =
  process.argv[2] === undefined
    ? [
        { path: join(root, 'server/src'), prefix: '' },
        { path: join(root, 'client/src'), prefix: 'client/' },
        { path: join(root, 'protocol'), prefix: 'protocol/' },
      ]
    : [{ path: process.argv[2], prefix: '' }];
const violations = directories.flatMap(({ path, prefix }) =>
  sourceFiles(path).flatMap((file) => violationsIn(prefix + file, readFileSync(join(path, file), 'utf8'))),
);
for (const violation of violations) console.error(violation);
console.log(violations.length === 0 ? 'imports: every layer keeps its rule' : `imports: ${violations.length} wrong`);
process.exitCode = violations.length === 0 ? 0 : 1;

/**
 * The TypeScript files under a directory, relative to it, with `/`.
 * @param {string} from
 */
function sourceFiles(from) {
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(from, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * One line for each import of the file that its layer's rule forbids.
 * @param {string} file its layer, then its path in it
 * @param {string} text
 */
function violationsIn(file, text) {
  const layer = file.split('/', 1)[0] ?? '';
  const rule = rules[layer];
  if (!rule) return [`${file}: ${layer} is no layer (one of ${Object.keys(rules).join(', ')})`];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return importsOf(source).flatMap(({ specifier, isLazy, position }) => {
    const reason = whyForbidden(file, layer, rule, specifier, isLazy);
    if (reason === null) return [];
    return [`${file}:${source.getLineAndCharacterOfPosition(position).line + 1}: ${reason}`];
  });
}

/**
 * @param {string} file
 * @param {string} layer
 * @param {Rule} rule
 * @param {string | null} specifier null for an import whose name is computed
 * @param {boolean} isLazy
 * @returns {string | null}
 */
function whyForbidden(file, layer, rule, specifier, isLazy) {
  if (specifier === null) return 'imports a computed name, which cannot be checked';
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier);
    if (target === '../package.json') return rule.builtins ? null : `${layer} must not import package.json`;
    // The protocol is beside server and client, wherever in them it is imported.
    const to = target.replace(/^(?:\.\.\/)+(?=protocol\/)/, '').split('/', 1)[0] ?? '';
    if (to === layer || rule.layers.includes(to)) return null;
    if (rule.lazyLayers?.includes(to)) return isLazy ? null : `${layer} may import ${to} only by await import()`;
    return `${layer} must not import ${to === '..' ? specifier : to}`;
  }
  if (isBuiltin(specifier)) return rule.builtins ? null : `${layer} must not import Node.js's ${specifier}`;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return rule.packages.includes(name) ? null : `${layer} must not import the package ${name}`;
}

/**
 * Every import of a file: static, `export from`, `import()`, `require()`, `import type`, and `/// <reference>`.
 * @param {ts.SourceFile} source
 */
function importsOf(source) {
  /** @type {{ specifier: string | null, isLazy: boolean, position: number }[]} */
  const imports = [];
  for (const reference of [...source.typeReferenceDirectives, ...source.referencedFiles]) {
    imports.push({ specifier: reference.fileName, isLazy: false, position: reference.pos });
  }
  visit(source);
  return imports;

  /** @param {ts.Node} node */
  function visit(node) {
    const specifier = importedBy(node);
    if (specifier) {
      const isLazy = ts.isCallExpression(node);
      const text = ts.isStringLiteralLike(specifier) ? specifier.text : null;
      imports.push({ specifier: text, isLazy, position: node.getStart(source) });
    }
    ts.forEachChild(node, visit);
  }
}

/**
 * The node that says what `node` imports, if it imports.
 * @param {ts.Node} node
 * @returns {ts.Node | undefined}
 */
function importedBy(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const imports =
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');
  return imports ? node.arguments[0] : undefined;
}
