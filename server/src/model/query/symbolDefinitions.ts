import { memoizeByIdentity } from '../../cache/memoize.js';
import { readDirectives } from '../../syntax/preprocessor/directives.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';
import { groupBy } from '../groupBy.js';
import type { ModelFile, RegisterModel } from '../registerModel.js';
import { asmFunctions } from './assembly.js';
import { definitionSpan, implementationsOf } from './functions.js';
import { accessorNamed, macroNamed, macroSpan } from './cSymbols.js';
import { distinctSpans, nameSpan, type FileSpan } from './text.js';

/**
 * Where a word of a file is defined, where that is more than an indexer of C knows: a pasted accessor's instantiation and macro,
 * assembly's symbols, macros and functions, a static call's implementations. Empty for all else.
 */
export function symbolDefinitions(model: RegisterModel, word: FileSpan): FileSpan[] {
  const file = model.files.get(word.file);
  if (!file) return [];
  const name = file.source.text.slice(word.start, word.end);
  const found = [
    ...accessorDefinitions(model, name),
    ...assemblyDefinitions(model, file, name),
    ...(isCalledThere(file.source, word) ? operationDefinitions(model, name) : []),
  ];
  return distinctSpans(found).filter((span) => span.file !== word.file || span.start !== word.start);
}

function accessorDefinitions(model: RegisterModel, name: string): FileSpan[] {
  const made = accessorNamed(model, name)?.instantiation;
  if (!made) return [];
  const [outer = ''] = made.macros;
  const innermost = macroNamed(model, made.macros.at(-1) ?? '');
  const use = nameSpan(made.file, made.start, outer);
  return innermost ? [use, macroSpan(innermost)] : [use];
}

/** `VCPU_RAX` in the assembly that defines it, `STORE_REGS`' `.macro`, a world switch's label, an offset's `OFFSET()`. */
function assemblyDefinitions(model: RegisterModel, file: ModelFile, name: string): FileSpan[] {
  const { path } = file.source;
  const isAssembly = file.facts === null;
  const macros = isAssembly ? (macrosOf(file.source).get(name) ?? []) : [];
  const symbols = assemblySymbols(model).get(name) ?? [];
  return [
    ...macros.map(({ nameStart }) => nameSpan(path, nameStart, name)),
    ...(labels(model).get(name) ?? []).map((fn) => nameSpan(fn.file, fn.asm.offset, name)),
    // C code uses symbols of its own file's assembly only.
    ...symbols.filter((symbol) => isAssembly || symbol.file === path).map((at) => nameSpan(at.file, at.start, name)),
  ];
}

const macrosOf = memoizeByIdentity(({ text }: SourceText) => groupBy(readDirectives(text).macros, ({ name }) => name));

/** The functions of assembly files, by their names. */
const labels = memoizeByIdentity((model: RegisterModel) =>
  groupBy(
    asmFunctions(model).filter(({ asm }) => !asm.isInline),
    ({ asm }) => asm.name,
  ),
);

/** A symbol that a file makes for assembly: by `.macro NAME` or by kbuild's `OFFSET(NAME, ...)` (linux/kbuild.h). */
interface AssemblySymbol {
  readonly name: string;
  readonly file: string;
  readonly start: number;
  readonly isMacro: boolean;
}

/** The symbols that files make for assembly, by name; of one name that a file makes twice, the first. */
const assemblySymbols = memoizeByIdentity(({ files }: RegisterModel) =>
  groupBy(
    [...files.values()].flatMap(({ source }) => symbolsIn(source)),
    ({ name }) => name,
  ),
);

const symbolsIn = memoizeByIdentity(({ path, text }: SourceText): readonly AssemblySymbol[] => {
  const found = new Map<string, AssemblySymbol>();
  for (const match of text.matchAll(/^[ \t]*(\.macro[ \t]+|OFFSET\()([\w$]+)/gm)) {
    const [all, lead = '', name = ''] = match;
    const start = match.index + all.length - name.length;
    if (!found.has(name)) found.set(name, { name, file: path, start, isMacro: lead.startsWith('.macro') });
  }
  return [...found.values()];
});

/** Where a GNU as macro is defined, in the first file that does; null for a name that is none. */
export function asmMacroDefinition(model: RegisterModel, name: string): FileSpan | null {
  const found = assemblySymbols(model)
    .get(name)
    ?.find(({ isMacro }) => isMacro);
  return found ? nameSpan(found.file, found.start, name) : null;
}

/** Whether a word is called as a static call or a member is: `kvm_x86_call(NAME)(`, `ops->NAME`. */
function isCalledThere({ text }: SourceText, { start, end }: Span): boolean {
  return /^\s*\)\s*\(/.test(text.slice(end)) || /(?:->|\.)\s*$/.test(text.slice(0, start).slice(-4));
}

function operationDefinitions(model: RegisterModel, name: string): FileSpan[] {
  return implementationsOf(model, name).map(definitionSpan);
}
