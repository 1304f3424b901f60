import { lazy, memoizeByIdentity } from '../../cache/memoize.js';
import type { Backend, FirmwareEntry } from '../../backends/backend.js';
import { entryInstructions } from '../../backends/registry.js';
import { isAlternativeMacro } from '../../syntax/assembler/alternatives.js';
import { headerDefine } from '../../syntax/assembler/definitions.js';
import {
  ASM_WORDS,
  inlineAsmOffsets,
  isAsmWord,
  readExpandedAsm,
  readInlineAsm,
  type InlineAsm,
} from '../../syntax/assembler/inlineAsm.js';
import type { AsmInstruction } from '../../syntax/assembler/instruction.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { ObservedRoot, ObserverOfRoot } from '../../syntax/flow/worldSwitchFlow.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import { macroUses } from '../../syntax/preprocessor/macroUses.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { macrosReaching } from '../source/macroIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { statementMoves, type AsmFunctionFacts, type FlowContext } from './asmFunction.js';
import { entryAmong, isEntry, type GuestEntryAt } from './guestEntries.js';
import type { Environments } from './includes.js';
import type { NamesInC } from './namesInC.js';

/** The macros of C code, by their names, that make `asm()` statements. */
export interface AsmMakers {
  /** In their bodies stands `asm`, or another one of them. */
  readonly statements: ReadonlySet<string>;
  /** In their bodies stands what enters a guest, or another one of them. */
  readonly entries: ReadonlySet<string>;
}

/** What VM-entries in C are read with. */
export interface InlineContext extends NamesInC {
  readonly macros: AsmMakers;
  readonly backends: readonly Backend[];
  readonly environments: Environments;
  /** The firmware calls whose leaf the tree names; one that it does not name is known by its function. */
  readonly leaves: ReadonlySet<FirmwareEntry>;
  /** See {@link FlowContext}; the root's name is the C function's. */
  readonly observerOf?: ObserverOfRoot | undefined;
}

/** The firmware calls of some backends that a tree's own code does, by their leaves. */
export function namedLeaves(backends: readonly Backend[], outlines: readonly SourceOutline[]): Set<FirmwareEntry> {
  return new Set(
    firmwareEntries(backends).filter(({ leaf }) =>
      outlines.some(({ items }) => items.some((item) => item.words.has(leaf))),
    ),
  );
}

/** The firmware calls of some backends. */
export const firmwareEntries = memoizeByIdentity((backends: readonly Backend[]): readonly FirmwareEntry[] =>
  backends.flatMap(({ entry }) => entry.call ?? []),
);

/** VM-entries in a C file: in `asm()` statements, and by calls of firmware. */
export function inlineEntries(outline: SourceOutline, context: InlineContext): AsmFunctionFacts[] {
  const mentions = entryMention(context.backends);
  const mayEnter = mentionsEntry(context.backends)(outline.source);
  const isMentioned = ({ start, end, words }: OutlineItem) =>
    (mayEnter && mentions.test(outline.source.text.slice(start, end))) ||
    [...context.macros.entries].some((name) => words.has(name));
  return outline.items.flatMap((item) => {
    if (item.kind !== 'function') return [];
    const called = firmwareEntry(item, context);
    const base = {
      name: item.name,
      end: item.end,
      conditions: configGuardsAt(outline.directives, item.start),
      calls: [],
      isInline: true,
    };
    const firmware = called
      ? [{ ...base, offset: item.nameStart, entry: called, transfers: [], steps: [], flow: null }]
      : [];
    const inAsm = isMentioned(item) ? statementsEntering(outline, item, context) : [];
    return [...firmware, ...inAsm.map((entry) => ({ ...base, ...entry }))];
  });
}

/** A function's call of firmware that enters a guest: by the leaf, or, where the tree lacks the code that names it, by the function for it. */
function firmwareEntry(item: OutlineItem, { backends, leaves }: InlineContext): GuestEntryAt | null {
  for (const call of firmwareEntries(backends)) {
    const offset = leaves.has(call)
      ? item.words.get(call.leaf)
      : item.calls.find(({ name }) => name === call.function)?.offset;
    if (offset !== undefined) return { instruction: call.name, offset: item.start + offset };
  }
  return null;
}

/** The `asm()` statements of a function as one, if one of them enters a guest. */
function statementsEntering(
  outline: SourceOutline,
  item: OutlineItem,
  { backends, environments, macros, observerOf, ...names }: InlineContext,
): Pick<AsmFunctionFacts, 'offset' | 'entry' | 'transfers' | 'steps' | 'flow'>[] {
  const entering = { instructions: entryInstructions(backends), functions: new Set<string>() };
  const statements = asmStatements(outline, item, { environments, macros, entering });
  const entries = statements.map(({ instructions }) => entryAmong(instructions, entering.instructions));
  const first = entries.findIndex((entry) => entry !== null);
  const [statement, entry] = [statements[first], entries[first]];
  if (!statement || !entry) return [];
  const observerOfItem = observerOf && ((root: ObservedRoot) => observerOf({ ...root, name: item.name }));
  const context: FlowContext = { ...names, entering, observerOf: observerOfItem };
  return [{ offset: statement.start, entry, ...statementMoves(statements, context) }];
}

/** The `asm()` statements of a function, those among them that macros make: of these, the ones that enter a guest or name registers. */
function asmStatements(
  { source, directives, code }: SourceOutline,
  item: OutlineItem,
  { environments, macros, entering }: Pick<InlineContext, 'environments' | 'macros'> & Pick<FlowContext, 'entering'>,
): InlineAsm[] {
  const lookup = (name: string) => directives.macros.find((macro) => macro.name === name);
  const environment = lazy(() => environments.environment(source, 8));
  const contextOf = () => ({ environment: environment(), lookup, directives, withOperandMoves: true });
  const written = inlineAsmOffsets(code.slice(item.start, item.end)).flatMap(
    (start) => readInlineAsm(source.text, item.start + start, contextOf()) ?? [],
  );
  if (![...item.words.keys()].some((word) => macros.statements.has(word))) return written;
  const uses = macroUses(tokenize(code, item.bodyStart, item.end), {
    macroAt: (name) => (isAlternativeMacro(name) ? undefined : (lookup(name) ?? headerDefine(environment(), name))),
    isWanted: (_, expansion) => expansion.some(isAsmWord),
  });
  const made = uses
    .flatMap((use) => readExpandedAsm(use.tokens, use, contextOf()))
    .filter(({ instructions }) => instructions.some((each) => isEntry(each, entering) || namesGpr(each)));
  return [...written, ...made].sort((a, b) => a.start - b.start);
}

/** Whether an instruction names a general-purpose register itself; not where the compiler chooses one. */
function namesGpr({ operands }: AsmInstruction): boolean {
  return operands.some(
    (operand) =>
      operand.kind === 'register' && operand.inline === null && operand.gpr !== null && operand.gpr !== 'RSP',
  );
}

/** The macros of a tree's C code that make `asm()` statements. */
export function asmMakers(backends: readonly Backend[], outlines: readonly SourceOutline[]): AsmMakers {
  const naming = outlines.flatMap(macrosWithEntry(backends));
  return {
    statements: macrosReaching(outlines, ASM_WORDS),
    entries: new Set([...naming, ...macrosReaching(outlines, naming)]),
  };
}

/** The macros of a file in whose bodies stands what enters a guest. */
const macrosWithEntry = memoizeByIdentity((backends: readonly Backend[]) =>
  memoizeByIdentity(({ source, directives: { macros } }: SourceOutline): readonly string[] => {
    const mentions = entryMention(backends);
    if (!mentionsEntry(backends)(source)) return [];
    return macros.filter(({ body }) => body.some(({ text }) => mentions.test(text))).map(({ name }) => name);
  }),
);

/** A quick look before a closer one: whether a file's text has an entry. */
export const mentionsEntry = memoizeByIdentity((backends: readonly Backend[]) =>
  memoizeByIdentity(({ text }: { readonly text: string }) => entryMention(backends).test(text)),
);

/** An entry by its mnemonic, or by a macro that says so. */
const entryMention = memoizeByIdentity(
  (backends: readonly Backend[]) => new RegExp([...entryInstructions(backends)].join('|') || '$^', 'i'),
);
