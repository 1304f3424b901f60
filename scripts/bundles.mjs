// What esbuild makes of the sources: the server's files, for Node.js, the extension's two, for VS Code, and the register map's page.
import { root } from './setup.mjs';

/** @typedef {import('esbuild').BuildOptions & { metafile: true, outdir: string }} Bundle */

const common = /** @type {const} */ ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none', // the notices are in THIRD_PARTY.md
  metafile: true,
  logLevel: 'warning',
});

/**
 * A plugin that leaves `import()` of some modules in the output, as one of a file beside it.
 * @param {Record<string, string>} files the file of each module, by what is written in its `import()`
 * @returns {import('esbuild').Plugin}
 */
function partsApart(files) {
  return {
    name: 'parts-apart',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path }) => {
        const file = kind === 'dynamic-import' ? files[path] : undefined;
        return file === undefined ? undefined : { path: file, external: true };
      });
    },
  };
}

/**
 * The program: one file with what it takes to give an answer that is kept. The rest comes with an answer that is not.
 * @type {Bundle}
 */
const program = {
  ...common,
  entryPoints: { cli: 'server/src/cli/main.ts' },
  outdir: 'server/dist',
  format: 'esm',
  plugins: [
    partsApart({
      './answers.js': './answers.js',
      './rulesLines.js': './rulesLines.js',
      '../lsp/main.js': './languageServer.js',
    }),
  ],
};

/**
 * What the program loads when it is asked for it. The engine runs in a thread of the language server.
 * @type {Bundle}
 */
export const programParts = {
  ...common,
  entryPoints: {
    answers: 'server/src/cli/answers.ts',
    rulesLines: 'server/src/cli/rulesLines.ts',
    languageServer: 'server/src/lsp/main.ts',
    engine: 'server/src/lsp/engine/engine.ts',
  },
  outdir: 'server/dist',
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[hash]',
  // The language server's libraries are CommonJS and ask for Node's own modules by `require`.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
};

/**
 * VS Code loads CommonJS. The extension itself is tiny; what it needs in a KVM tree is a file of its own, so `import()` of
 * it stays in the output, as `require`.
 * @type {Bundle}
 */
const client = {
  ...common,
  entryPoints: { extension: 'client/src/extension.ts', client: 'client/src/client.ts' },
  outdir: 'client/dist',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  supported: { 'dynamic-import': false },
  minify: true,
  external: ['vscode'],
  plugins: [partsApart({ './client.js': './client.cjs' })],
};

/**
 * The page of the register map: `kvm-regs map --html` puts both files into the page that it writes, the extension's webview links to them.
 * @type {Bundle}
 */
const page = {
  ...common,
  platform: 'browser',
  target: 'chrome124', // of VS Code 1.92
  entryPoints: { map: 'webview/map.ts', mapStyle: 'webview/map.css' },
  outdir: 'server/dist',
  format: 'iife',
  minify: true,
};

/** Every bundle. */
export const bundles = [program, programParts, client, page];

/** What the server loads beside its code, with the SHA-256 that it has in the package of the pinned version. Another file is not shipped. */
export const wasmDigests = {
  'node_modules/web-tree-sitter/web-tree-sitter.wasm':
    'beca80e44cccbf2299ed4d1e3fa6462a9a6fe818aeebf847547a392227ce4acc', // 0.27.1
  'node_modules/tree-sitter-c/tree-sitter-c.wasm': 'c852c2a85ebf2beb636aa3b0ef7f7e70458684d74f6741b20dcb296885bed9f9', // 0.24.1
};

/** The same without digests. */
export const wasmFiles = Object.keys(wasmDigests);

/**
 * The directories of the packages whose code is in a bundle or beside it, relative to the root.
 * @param {import('esbuild').Metafile[]} metafiles
 */
export function bundledPackages(metafiles) {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  const packages = [...inputs, ...wasmFiles].flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  );
  return [...new Set(packages)].sort();
}
