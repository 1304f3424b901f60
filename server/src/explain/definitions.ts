import { nameSpan, operationName } from '../model/callGraph.js';
import { readDirectives } from '../syntax/preprocessor/directives.js';
import type { ModelFile, RegisterModel } from '../model/registerModel.js';
import { wordAt } from './explainAt.js';
import type { FileSpan } from './registersAtCursor.js';

/**
 * Where the name at an offset is defined, where that is more than an indexer of C knows: a pasted accessor's instantiation
 * and macro, assembly's symbols, macros and functions, a static call's implementations. Empty for all else.
 */
export function definitionsAt(model: RegisterModel, path: string, offset: number): FileSpan[] {
  const file = model.files.get(path);
  const word = file ? wordAt(file.source.text, offset) : null;
  if (!file || !word) return [];
  const name = file.source.text.slice(word.start, word.end);
  const isHere = (span: FileSpan) => span.file === path && span.start === word.start;
  const found = [
    ...accessorDefinitions(model, name),
    ...assemblyDefinitions(model, file, name),
    ...operationDefinitions(model, name, path, word.start),
  ];
  return found.filter((span) => !isHere(span));
}

function accessorDefinitions(model: RegisterModel, name: string): FileSpan[] {
  const made = model.symbols.accessors.get(name)?.instantiation;
  if (!made) return [];
  const [outer = ''] = made.macros;
  const innermost = model.symbols.macros.get(made.macros.at(-1) ?? '');
  const use: FileSpan = { file: made.file, start: made.start, end: made.start + outer.length };
  if (!innermost) return [use];
  const { nameStart, name: macro } = innermost.definition;
  return [use, { file: innermost.file, start: nameStart, end: nameStart + macro.length }];
}

/** `VCPU_RAX` in the assembly that defines it, `STORE_REGS`' `.macro`, a world switch's label, an offset's `OFFSET()`. */
function assemblyDefinitions(model: RegisterModel, file: ModelFile, name: string): FileSpan[] {
  const found: FileSpan[] = [];
  if (!file.facts) {
    for (const macro of readDirectives(file.source.text).macros) {
      if (macro.name === name)
        found.push({ file: file.source.path, start: macro.nameStart, end: macro.nameStart + name.length });
    }
  }
  for (const { source, functions } of model.assembly) {
    for (const fn of functions) {
      if (fn.name === name && !fn.isInline)
        found.push({ file: source.path, start: fn.offset, end: fn.offset + name.length });
    }
  }
  for (const [path, { source }] of model.files) {
    const isUsed = !file.facts || path === file.source.path;
    const at = isUsed && source.text.includes(name) ? assemblySymbol(source.text, name) : null;
    if (at !== null) found.push({ file: path, start: at, end: at + name.length });
  }
  return found;
}

/** Where a text makes a symbol for assembly: by `.macro NAME` or by kbuild's `OFFSET(NAME, ...)`. */
function assemblySymbol(text: string, name: string): number | null {
  const found = new RegExp(`^[ \\t]*(?:\\.macro[ \\t]+|OFFSET\\()${name}\\b`, 'm').exec(text);
  return found ? found.index + found[0].length - name.length : null;
}

function operationDefinitions(model: RegisterModel, name: string, path: string, offset: number): FileSpan[] {
  const text = model.files.get(path)?.source.text ?? '';
  const isCalled =
    /^\s*\)\s*\(/.test(text.slice(offset + name.length)) || /(?:->|\.)\s*$/.test(text.slice(0, offset).slice(-4));
  if (!isCalled) return [];
  return model.graph
    .implementations(operationName(name))
    .map((node): FileSpan => ({ file: node.file, ...nameSpan(node) }));
}
