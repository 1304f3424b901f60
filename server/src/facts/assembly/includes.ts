import { lazy, memoizeByIdentity } from '../../cache/memoize.js';
import { readDirectives } from '../../syntax/preprocessor/directives.js';
import {
  asmEnvironment,
  readAsmDefinitions,
  type AsmDefinitions,
  type AsmEnvironment,
} from '../../syntax/assembler/definitions.js';
import { instructionEffect } from '../../syntax/x86/mnemonics.js';
import type { DefiningFile } from './nameTables.js';

/** A file of the tree. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** What a file includes, directly or not. */
export interface Environments {
  readonly headers: (file: TreeFile) => readonly DefiningFile[];
  readonly environment: (file: TreeFile, wordSize: 4 | 8) => AsmEnvironment;
}

/** Gives what the headers define that a file includes; of a name that none of them defines, what the only other header does. */
export function includeReader(files: readonly TreeFile[]): Environments {
  const byName = new Map<string, TreeFile[]>();
  for (const file of files) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  const definitions = new Map<string, { readonly own: AsmDefinitions; readonly includes: readonly string[] }>();
  const read = (file: TreeFile) => {
    const known = definitions.get(file.path);
    if (known) return known;
    const directives = readDirectives(file.text);
    const fresh = { own: readAsmDefinitions(file.text, directives), includes: directives.includes };
    definitions.set(file.path, fresh);
    return fresh;
  };
  const headers = (file: TreeFile) => {
    const reached = new Map<string, AsmDefinitions>();
    const visit = (from: TreeFile) => {
      for (const include of read(from).includes) {
        const target = included(from, include, byName);
        if (!target || reached.has(target.path) || target.path === file.path) continue;
        reached.set(target.path, read(target).own);
        visit(target);
      }
    };
    visit(file);
    return [...reached].map(([path, own]) => ({ path, definitions: own }));
  };
  const definingHeaders = lazy(() => headersByMacro(files));
  const environment = (file: TreeFile, wordSize: 4 | 8) =>
    asmEnvironment(
      headers(file).map((header) => header.definitions),
      wordSize,
      (name) => {
        const [only, another] = definingHeaders().get(name) ?? [];
        return only && !another && instructionEffect(name) === null ? read(only).own : null;
      },
    );
  return { headers, environment };
}

/** The headers that define a macro, by its name. */
function headersByMacro(files: readonly TreeFile[]): ReadonlyMap<string, readonly TreeFile[]> {
  const byName = new Map<string, TreeFile[]>();
  for (const file of files) {
    if (!file.path.endsWith('.h')) continue;
    for (const name of macroNames(file)) byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return byName;
}

/** The names that a header gives to macros of the preprocessor or of the assembler. */
const macroNames = memoizeByIdentity(
  ({ text }: TreeFile): ReadonlySet<string> =>
    new Set(Array.from(text.matchAll(/^[ \t]*(?:#[ \t]*define|\.macro)[ \t]+(\w+)/gm), ([, name = '']) => name)),
);

/** The file that `#include "x.h"` or `<asm/x.h>` means: beside the file or above it, else by the end of its path. */
function included(
  from: TreeFile,
  include: string,
  byName: ReadonlyMap<string, readonly TreeFile[]>,
): TreeFile | undefined {
  const plain = include.replace(/^(?:\.\.?\/)+/, '');
  const candidates = (byName.get(plain.slice(plain.lastIndexOf('/') + 1)) ?? []).filter(
    (file) => file.path === plain || file.path.endsWith(`/${plain}`),
  );
  const directory = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
  const near = candidates.filter((file) => directory(from.path).startsWith(directory(file.path)));
  return near.sort((a, b) => b.path.length - a.path.length)[0] ?? candidates[0];
}
