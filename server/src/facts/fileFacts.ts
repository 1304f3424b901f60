import type { Problem, SourceText } from '../syntax/text/sourceText.js';
import type { OutlineItem } from '../syntax/c/outline.js';
import { configGuardsAt } from '../syntax/preprocessor/directives.js';
import { tokenize } from '../syntax/text/tokens.js';
import type { FunctionFacts } from './functionFacts.js';
import { declarationReferences, macroReferences, namesRegister, tokenReferences } from './registers/tokenReferences.js';
import { referenceAt, type Reference } from './registers/reference.js';
import { registerSets, type RegisterSet } from './registers/registerSets.js';
import type { FunctionSource } from './source/functionSource.js';
import { listedProblems, type ListedProblem } from './source/listedProblems.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { macroUsesIn } from './symbols/accessors.js';
import { staticCallTables } from './symbols/staticCalls.js';
import { opsTables, type OpsTable } from './symbols/opsTables.js';
import { unsoundItems } from './unsoundItems.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';

/** A function of a file: where it begins, and what is known of it. */
export interface FileFunction {
  /** Offset of its first character in the file: what the offsets of its facts count from. */
  readonly start: number;
  readonly facts: FunctionFacts;
}

/** What is known of a file. Offsets are the file's, but for those of its functions' facts. */
export interface FileFacts {
  readonly source: SourceText;
  readonly functions: readonly FileFunction[];
  /** Those that may say something of registers or XSAVE state. */
  readonly tellingFunctions: readonly FileFunction[];
  /** All references to registers, those in its functions included, in the order of the text. */
  readonly references: readonly Reference[];
  readonly sets: readonly RegisterSet[];
  readonly tables: readonly OpsTable[];
  readonly problems: readonly ListedProblem[];
}

/** Puts a C file's facts together. Pure: the same outline, symbols and functions give the same facts. */
export function fileFacts(
  file: SourceOutline,
  symbols: TreeSymbols,
  factsOf: (fn: FunctionSource) => FunctionFacts,
): FileFacts {
  const functions = file.functions.map(({ start, source }): FileFunction => ({ start, facts: factsOf(source) }));
  // A list of lists: there may be more references than a call takes arguments.
  const references = [
    macroReferences(file, symbols),
    ...file.items.map((item) => itemReferences(file, item, symbols)),
    ...functions.map(({ start, facts }) => facts.references.map((reference) => referenceAt(reference, start))),
    instantiations(file, symbols),
  ];
  const problems = functions.flatMap(({ start, facts }) =>
    facts.problems.map(({ offset, message }): Problem => ({ offset: start + offset, message })),
  );
  const unread = new Set(functions.flatMap(({ start, facts }) => (facts.problems.length > 0 ? start : [])));
  return {
    source: file.source,
    functions,
    tellingFunctions: functions.filter(({ facts }) => facts.isTelling),
    references: asKnownIn(file.source.path, references.flat()).sort((a, b) => a.start - b.start),
    sets: registerSets(file, symbols),
    tables: [...opsTables(file, (name) => symbols.macros.get(name)?.definition), ...staticCallTables(file)],
    problems: listedProblems(file.source, [...file.problems, ...unsoundItems(file, symbols, unread), ...problems]),
  };
}

/**
 * Code that every architecture compiles. To it an accessor is a function that the architecture has to offer, not a register:
 * `kvm_rip_read` in a macro of linux/kvm_host.h.
 */
const GENERIC_CODE = /^(?:include\/(?:uapi\/)?linux|virt\/kvm)\//;

function asKnownIn(path: string, references: readonly Reference[]): Reference[] {
  const isGeneric = GENERIC_CODE.test(path);
  return references.map((reference) => (isGeneric ? { ...reference, isIndirect: true } : reference));
}

/** The references outside of functions. */
function itemReferences(file: SourceOutline, item: OutlineItem, symbols: TreeSymbols): Reference[] {
  if (item.kind === 'function') return [];
  if (item.kind === 'enum') return declarationReferences(file, item, symbols);
  if (!namesRegister(item.words.keys(), symbols)) return [];
  const tokens = tokenize(file.code, item.start, item.end);
  return tokenReferences(tokens, symbols, null, (offset) => configGuardsAt(file.directives, offset));
}

/** Where a macro is used to make accessors: `BUILD_KVM_GPR_ACCESSORS(ax, RAX)`. */
function instantiations(file: SourceOutline, symbols: TreeSymbols): Reference[] {
  const found = new Map<string, Reference>();
  const uses = macroUsesIn(file);
  for (const { instantiation, member } of symbols.accessors.values()) {
    const use = instantiation?.file === file.source.path ? uses[instantiation.index] : undefined;
    if (!instantiation || !use) continue;
    const [via = ''] = instantiation.macros;
    const { start } = use.item;
    found.set(`${String(start)} ${member}`, {
      start,
      end: start + via.length,
      register: member,
      kind: 'define',
      via,
      function: null,
      guards: instantiation.conditions,
      isIndirect: false,
      statement: start,
    });
  }
  return [...found.values()];
}
