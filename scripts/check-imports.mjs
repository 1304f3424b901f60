// `npm run imports [-- DIRECTORY]`: fails when a layer of server/src, or the client, imports what it must not, and on files
// that import each other in a circle.
import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative, sep } from 'node:path';
import process from 'node:process';
import ts from 'typescript';
import { root } from './setup.mjs';

/**
 * An import of a file. `specifier` is null where the name is computed; `line` is 1-based.
 * @typedef {{ specifier: string | null, isLazy: boolean, line: number }} Import
 */

/**
 * A file with what it imports; the name is its layer, then its path in it.
 * @typedef {{ name: string, imports: readonly Import[] }} ImportingFile
 */

/** @typedef {{ layers: string[], lazyLayers?: string[], packages: string[], builtins: boolean }} Rule */

/**
 * What each layer may import: other layers (`lazyLayers` only by `await import`), packages, Node.js's own modules.
 * The pure layers, syntax to view, get their text handed to them, so that they run in a browser worker too. The client
 * knows the server by their protocol only, which knows neither.
 * @type {Record<string, Rule>}
 */
const rules = {
  protocol: { layers: [], packages: [], builtins: false },
  tree: { layers: [], packages: [], builtins: true },
  cache: { layers: [], packages: [], builtins: false },
  store: { layers: [], packages: [], builtins: true },
  syntax: { layers: ['cache'], packages: ['web-tree-sitter'], builtins: false },
  backends: { layers: ['cache', 'syntax'], packages: [], builtins: false },
  facts: { layers: ['cache', 'syntax', 'backends'], packages: ['web-tree-sitter'], builtins: false },
  model: { layers: ['cache', 'syntax', 'backends', 'facts'], packages: [], builtins: false },
  check: { layers: ['cache', 'syntax', 'backends', 'facts', 'model'], packages: [], builtins: false },
  explain: { layers: ['cache', 'syntax', 'backends', 'facts', 'model'], packages: [], builtins: false },
  view: {
    layers: ['cache', 'syntax', 'backends', 'facts', 'model', 'explain'],
    packages: ['@dagrejs/dagre'],
    builtins: false,
  },
  lsp: {
    layers: ['protocol', 'tree', 'store', 'cache', 'syntax', 'backends', 'facts', 'model', 'check', 'explain', 'view'],
    packages: ['vscode-languageserver', 'vscode-languageserver-textdocument'],
    builtins: true,
  },
  webview: { layers: [], packages: [], builtins: false },
  client: { layers: ['protocol', 'webview'], packages: ['vscode', 'vscode-languageclient'], builtins: true },
  cli: {
    layers: ['tree', 'store', 'cache', 'syntax', 'backends', 'facts', 'model', 'check', 'explain', 'view'],
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
        { path: join(root, 'webview'), prefix: 'webview/' },
      ]
    : [{ path: process.argv[2], prefix: '' }];
const files = directories.flatMap(({ path, prefix }) =>
  sourceFiles(path).map((name) => importingFile(prefix + name, readFileSync(join(path, name), 'utf8'))),
);
const complaints = [...files.flatMap(violationsIn), ...cyclesAmong(files)];
for (const complaint of complaints) console.error(complaint);
console.log(
  complaints.length === 0
    ? 'imports: every layer keeps its rule, and there is no cycle'
    : `imports: ${complaints.length} wrong`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;

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
 * @param {string} name
 * @param {string} text
 * @returns {ImportingFile}
 */
function importingFile(name, text) {
  return { name, imports: importsOf(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)) };
}

/**
 * One line for each import of the file that its layer's rule forbids.
 * @param {ImportingFile} file
 */
function violationsIn({ name, imports }) {
  const layer = layerOf(name);
  const rule = rules[layer];
  if (!rule) return [`${name}: ${layer} is no layer (one of ${Object.keys(rules).join(', ')})`];
  return imports.flatMap(({ specifier, isLazy, line }) => {
    const reason = whyForbidden(name, rule, specifier, isLazy);
    return reason === null ? [] : [`${name}:${line}: ${reason}`];
  });
}

/** @param {string} name */
function layerOf(name) {
  return name.split('/', 1)[0] ?? '';
}

/**
 * @param {string} file
 * @param {Rule} rule
 * @param {Import['specifier']} specifier
 * @param {boolean} isLazy
 * @returns {string | null}
 */
function whyForbidden(file, rule, specifier, isLazy) {
  if (specifier === null) return 'imports a computed name, which cannot be checked';
  const layer = layerOf(file);
  if (specifier.startsWith('.')) return whyFileForbidden(file, rule, specifier, isLazy);
  if (isBuiltin(specifier)) return rule.builtins ? null : `${layer} must not import Node.js's ${specifier}`;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return rule.packages.includes(name) ? null : `${layer} must not import the package ${name}`;
}

/**
 * @param {string} file
 * @param {Rule} rule
 * @param {string} specifier
 * @param {boolean} isLazy
 * @returns {string | null}
 */
function whyFileForbidden(file, rule, specifier, isLazy) {
  const layer = layerOf(file);
  const target = targetOf(file, specifier);
  if (target === '../package.json') return rule.builtins ? null : `${layer} must not import package.json`;
  const to = layerOf(target);
  if (to === layer || rule.layers.includes(to)) return null;
  if (rule.lazyLayers?.includes(to)) return isLazy ? null : `${layer} may import ${to} only by await import()`;
  return `${layer} must not import ${to === '..' ? specifier : to}`;
}

/**
 * The file that a relative import names, as the files are named here.
 * @param {string} file
 * @param {string} specifier
 */
function targetOf(file, specifier) {
  const target = posix.join(posix.dirname(file), specifier);
  // The protocol, and the page's messages, are beside server and client, wherever in them they are imported.
  return target.replace(/^(?:\.\.\/)+(?=(?:protocol|webview)\/)/, '');
}

/**
 * One line for each cycle of imports, those of types alone included: the shortest one through each file that is in any.
 * @param {readonly ImportingFile[]} files
 */
function cyclesAmong(files) {
  const targets = new Map(files.map(({ name, imports }) => [withoutExtension(name), imports.flatMap(targetIn(name))]));
  const cycles = [...targets.keys()].flatMap((file) => {
    const cycle = shortestCycle(file, targets);
    if (!cycle) return [];
    const first = cycle.indexOf([...cycle].sort()[0] ?? file);
    return [[...cycle.slice(first), ...cycle.slice(0, first + 1)].map((name) => `${name}.ts`).join(' -> ')];
  });
  return [...new Set(cycles)].map((cycle) => `cycle of imports: ${cycle}`);
}

/**
 * @param {string} file
 * @returns {(imported: Import) => string[]}
 */
function targetIn(file) {
  return ({ specifier }) => (specifier?.startsWith('.') ? [withoutExtension(targetOf(file, specifier))] : []);
}

/** @param {string} name */
function withoutExtension(name) {
  return name.replace(/\.[cm]?[jt]sx?$/, '');
}

/**
 * The files of the shortest cycle through one, which comes first, each importing the next; null if it is in none.
 * @param {string} start
 * @param {ReadonlyMap<string, readonly string[]>} targets by file, what it imports
 * @returns {string[] | null}
 */
function shortestCycle(start, targets) {
  /** @type {Map<string, string[]>} */
  const paths = new Map([[start, [start]]]);
  // A map's iteration goes on to what is added meanwhile: those that are one import farther.
  for (const [file, path] of paths) {
    for (const target of targets.get(file) ?? []) {
      if (target === start) return path;
      if (!paths.has(target)) paths.set(target, [...path, target]);
    }
  }
  return null;
}

/**
 * Every import of a file: static, `export from`, `import()`, `require()`, `import type`, and `/// <reference>`.
 * @param {ts.SourceFile} source
 */
function importsOf(source) {
  /** @type {Import[]} */
  const imports = [];
  for (const reference of [...source.typeReferenceDirectives, ...source.referencedFiles]) {
    imports.push({ specifier: reference.fileName, isLazy: false, line: lineOf(reference.pos) });
  }
  visit(source);
  return imports;

  /** @param {number} position */
  function lineOf(position) {
    return source.getLineAndCharacterOfPosition(position).line + 1;
  }

  /** @param {ts.Node} node */
  function visit(node) {
    const specifier = importedBy(node);
    if (specifier) {
      const isLazy = ts.isCallExpression(node);
      const text = ts.isStringLiteralLike(specifier) ? specifier.text : null;
      imports.push({ specifier: text, isLazy, line: lineOf(node.getStart(source)) });
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
