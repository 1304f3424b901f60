import { macroLookup } from '../symbols/treeSymbols.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { asmEnvironment } from '../../syntax/assembler/definitions.js';
import type { LinearForm } from '../../syntax/assembler/expression.js';
import { inlineAsmOffsets, readInlineAsm, type InlineAsm } from '../../syntax/assembler/inlineAsm.js';
import type { AsmInstruction } from '../../syntax/assembler/instruction.js';
import type { AsmOperand, InlineOperand } from '../../syntax/assembler/operand.js';
import { isOutputConstraint } from '../../syntax/x86/constraints.js';
import { EGPRS, type Gpr } from '../../syntax/x86/registers.js';
import { expand, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { tokenize } from '../../syntax/text/tokens.js';
import type { FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import type { RegisterFile } from '../registers/registerFile.js';
import type { RegisterMember } from '../registers/registerMember.js';
import { CACHE_ARRAY, CACHE_MEMBER } from '../symbols/cacheNames.js';
import { entryInstructions } from '../../backends/registry.js';
import { entryAmong } from '../assembly/guestEntries.js';

/** A move between one of R16-R31 and something else, in inline assembly of a C function. */
export interface EgprMove {
  readonly gpr: Gpr;
  /** What is done to the hardware register. */
  readonly access: 'read' | 'write';
  /** The enum member whose slot of the cache is the other side; null for any other. */
  readonly slot: string | null;
  /** The other side as C has it: `*data`; '' for a register that the statement names to nobody. */
  readonly other: string;
  /** Of the `asm`. */
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The file's and the tree's `#define`s are looked up by name; there is no other environment in a C function. */
const ENVIRONMENT = asmEnvironment([], 8);

const ASM = /(?:__)?asm(?:__)?\b/y;

/** The moves of R16-R31 in a function's `asm()` statements, its own and those that macros make. */
export function egprMoves(context: FunctionContext): EgprMove[] {
  const { tree, symbols } = context;
  const { name, path, text } = tree.source;
  if (!symbols.egpr.movers.has(name)) return [];
  const lookup = macroLookup(symbols, path);
  const entering = entryInstructions(symbols.backends);
  const statementsAt = (node: CNode): (InlineAsm | null)[] => {
    if (isAsm(node, text)) return [readInlineAsm(text, node.start, { environment: ENVIRONMENT, lookup })];
    const made = madeText(context, node, lookup);
    return inlineAsmOffsets(made).map((start) => readInlineAsm(made, start, { environment: ENVIRONMENT, lookup }));
  };
  return tree.nodes
    .filter((node) => !tree.isRepeated(node.start))
    .flatMap((node) =>
      statementsAt(node).flatMap((asm) => {
        const guards = guardsOf(tree.guards, node);
        // What enters a guest is the world switch, which is read as a whole.
        return asm && !entryAmong(asm.instructions, entering)
          ? movesIn(asm, symbols.registers).map((move) => ({ ...move, offset: node.start, guards }))
          : [];
      }),
    );
}

/** Whether a node is an `asm` statement: the C parser sees those as constants. */
function isAsm(node: CNode, text: string): boolean {
  ASM.lastIndex = node.start;
  return node.type === 'number_literal' && ASM.test(text);
}

/** What a macro's use expands to, of a macro that makes an `asm` statement with one of R16-R31; '' for all else. */
function madeText({ tree, symbols }: FunctionContext, node: CNode, lookup: MacroLookup): string {
  if (node.type !== 'call_expression') return '';
  const { code } = tree.source;
  const name = /^\w+/.exec(code.slice(node.start, node.end))?.[0] ?? '';
  if (!symbols.asmMacros.has(name) || !symbols.egpr.macros.has(name)) return '';
  return expand(tokenize(code, node.start, node.end), lookup)
    .map(({ text }) => text)
    .join(' ');
}

type Moved = Omit<EgprMove, 'offset' | 'guards'>;

/** What a register holds that is not one of R16-R31: one of those, or an operand's value. */
type Held = { readonly gpr: Gpr } | { readonly other: string; readonly slot: string | null };

function movesIn(asm: InlineAsm, registers: RegisterFile): Moved[] {
  const held = new Map<Gpr, Held>();
  for (const { gpr, constraint, expression } of asm.operands)
    if (gpr !== null && !constraint.startsWith('=')) held.set(gpr, { other: expression, slot: null });
  const moves: Moved[] = [];
  for (const instruction of asm.instructions) moves.push(...(moveOf(instruction, asm, registers, held) ?? []));
  return moves;
}

const MOVE = /^mov(?:q|abs|absq)?$/;

function moveOf(
  { mnemonic, operands: [from, to] }: AsmInstruction,
  asm: InlineAsm,
  registers: RegisterFile,
  held: Map<Gpr, Held>,
): Moved[] | null {
  if (!MOVE.test(mnemonic) || !from || !to) return null;
  const [source, target] = [egprIn(from), egprIn(to)];
  const scratch = registerIn(to);
  const value = valueOf(from, asm, registers, held);
  if (target !== null)
    return 'gpr' in value ? null : [{ gpr: target, access: 'write', slot: value.slot, other: value.other }];
  if (scratch !== null) held.set(scratch, value);
  const gpr = source ?? ('gpr' in value ? value.gpr : null);
  if (gpr === null) return null;
  const place = operandPlace(to, asm, registers);
  return place ? [{ gpr, access: 'read', ...place }] : null;
}

/** The value that an operand is, with what its register was found to hold. */
function valueOf(operand: AsmOperand, asm: InlineAsm, registers: RegisterFile, held: ReadonlyMap<Gpr, Held>): Held {
  const egpr = egprIn(operand);
  if (egpr !== null) return { gpr: egpr };
  const gpr = registerIn(operand);
  const known = gpr === null ? undefined : held.get(gpr);
  return known ?? operandPlace(operand, asm, registers) ?? { other: '', slot: null };
}

function registerIn(operand: AsmOperand): Gpr | null {
  return operand.kind === 'register' ? operand.gpr : null;
}

function egprIn(operand: AsmOperand): Gpr | null {
  const gpr = registerIn(operand);
  return gpr !== null && EGPRS.has(gpr) ? gpr : null;
}

/** The C expression that an operand stands for, and the slot that it is; null for a register of the assembly's own. */
function operandPlace(
  operand: AsmOperand,
  asm: InlineAsm,
  registers: RegisterFile,
): { readonly other: string; readonly slot: string | null } | null {
  switch (operand.kind) {
    case 'register': {
      const own =
        operand.inline ??
        asm.operands.find(({ gpr, constraint }) => gpr === operand.gpr && isOutputConstraint(constraint));
      return own ? { other: own.expression, slot: slotIn(own.expression, registers) } : null;
    }
    case 'symbol': {
      const [expression = ''] = operand.expression.value?.symbols.keys() ?? [];
      return { other: expression, slot: slotIn(expression, registers) };
    }
    case 'memory': {
      const base = operand.base?.inline ?? asm.operands.find(({ gpr }) => gpr !== null && gpr === operand.base?.gpr);
      const displacement = operand.displacement?.value ?? null;
      const slot = base ? slotAt(base, displacement, registers) : null;
      return { other: base?.expression ?? '', slot };
    }
    case 'immediate':
      return null;
  }
}

/** The slot that an address is: its displacement names it, or counts from the array's beginning. */
function slotAt(base: InlineOperand, displacement: LinearForm | null, registers: RegisterFile): string | null {
  const { symbols, constant } = displacement ?? NO_DISPLACEMENT;
  const [named] = [...symbols.keys()].flatMap((symbol) => slotIn(symbol, registers) ?? []);
  if (named !== undefined) return named;
  const first = slotIn(`${base.expression}[0]`, registers) ?? slotIn(base.expression, registers) ?? '';
  const start = registers.byName.get(first)?.index ?? null;
  if (start === null || symbols.size > 0) return null;
  return memberByIndex(start + constant / WORD, registers)?.name ?? null;
}

const NO_DISPLACEMENT: LinearForm = { symbols: new Map(), constant: 0 };

/** Bytes of a slot: R16-R31 exist in 64-bit kernels only. */
const WORD = 8;

/** A slot of the cache in a C expression: `vcpu->arch.regs[VCPU_REGS_R16]`, `offsetof(struct kvm_vcpu, arch.regs[16])`. */
const SLOT = new RegExp(`\\b${CACHE_MEMBER}\\s*(?:\\.|->)\\s*${CACHE_ARRAY}\\s*\\[\\s*(\\w+)\\s*\\]`);

function slotIn(expression: string, registers: RegisterFile): string | null {
  const index = SLOT.exec(expression)?.[1];
  if (index === undefined) return null;
  const member =
    registers.byName.get(index) ?? registers.numberMacros.get(index) ?? memberByIndex(Number(index), registers);
  return member?.name ?? null;
}

function memberByIndex(index: number, { members }: RegisterFile): RegisterMember | undefined {
  return members.find((member) => member.role === 'register' && member.index === index);
}
