import type { AsmFunction, AsmInstruction } from '../../syntax/assembler/instruction.js';
import type { ConditionGuard, Guard } from '../../syntax/conditions/guard.js';
import { branchGuards } from '../../syntax/flow/branchGuards.js';
import { afterFailedEntry } from '../../syntax/flow/failedEntry.js';
import { controlFlowGraph, type ControlFlowGraph } from '../../syntax/flow/controlFlowGraph.js';
import type { Program } from '../../syntax/flow/linkedPrograms.js';
import type { RegisterStep } from '../../syntax/flow/registerSteps.js';
import type { SlotTransfer } from '../../syntax/flow/slotTransfer.js';
import {
  functionFlows,
  graphsOf,
  isIn,
  statementFlow,
  type AsmStatement,
  type FlowOfRoot,
  type ObserverOfRoot,
  type RootOptions,
  type WorldSwitchFlow,
} from '../../syntax/flow/worldSwitchFlow.js';
import { calledSymbol, isEntry, type Entering, type GuestEntryAt } from './guestEntries.js';
import type { NamesInC } from './namesInC.js';

/** What is known of a function with assembly in it. */
export interface AsmFunctionFacts {
  readonly name: string;
  /** Offset of its name; of the asm statement for one in C. */
  readonly offset: number;
  readonly end: number;
  readonly conditions: readonly Guard[];
  /** The VM-entry that it does itself; null without one. */
  readonly entry: GuestEntryAt | null;
  readonly calls: readonly AsmCall[];
  /** Moves between registers and memory, as a 64-bit kernel has them, then those that only a 32-bit one has. */
  readonly transfers: readonly AsmTransfer[];
  /** What else its instructions do with registers, in a 64-bit kernel: saved, restored, cleared. */
  readonly steps: readonly AsmStep[];
  /** What registers and memory may hold at VM-entry and at its end, in a 64-bit kernel; null where it enters no guest, or only in a caller. */
  readonly flow: WorldSwitchFlow | null;
  /** It is the whole of a C function's assembly. */
  readonly isInline: boolean;
}

/** A call in assembly. */
export interface AsmCall {
  readonly name: string;
  readonly offset: number;
  /** Those that jumps around it put it under among them. */
  readonly conditions: readonly Guard[];
}

/** What an instruction does with a register beside moving it, with the conditions that it is under. */
export interface AsmStep extends RegisterStep {
  readonly guards: readonly Guard[];
}

/** A move between a hardware register and memory, with the word size that it was read for. */
export interface AsmTransfer extends SlotTransfer {
  readonly wordSize: 4 | 8;
  /** The file of `root`, where that is another one than the instruction's. */
  readonly rootFile: string | null;
  /** The conditions that the instruction is under. */
  readonly guards: readonly Guard[];
  /** It is done behind a VM-entry that has failed too. */
  readonly isOnVmFail: boolean;
}

/** What assembly is followed with: what enters a guest, and what C code says of its names. */
export interface FlowContext extends NamesInC {
  readonly entering: Entering;
  /** Makes what looks on while a 64-bit kernel's code is followed, to show it. */
  readonly observerOf?: ObserverOfRoot | undefined;
}

/** The moves of one function's instructions, and the flow that begins with it. */
type FunctionMoves = Pick<AsmFunctionFacts, 'transfers' | 'steps' | 'calls' | 'flow'>;

/** The moves of each function of a program, as a kernel of a word size has them. */
export function functionMoves(
  program: Program,
  wordSize: 4 | 8,
  context: FlowContext,
): (fn: AsmFunction) => FunctionMoves {
  const graphs = graphsOf(program);
  const flows = functionFlows(program, program.functions, optionsOf(wordSize, context), graphs);
  const guardsOf = conditionsOf(graphs());
  const failed = afterFailedEntry(graphs());
  const transfers = Array.from(flows).flatMap(([root, flow]) =>
    flow.transfers.map((transfer) => ({ ...transfer, rootFile: root.file ?? null })),
  );
  const steps = [...flows.values()].flatMap((flow) => flow.steps);
  return (fn) => ({
    steps: steps.filter(({ instruction }) => isIn(instruction, fn)).map((step) => guardedStep(step, guardsOf)),
    transfers: transfers
      .filter(({ instruction }) => isIn(instruction, fn))
      .map((transfer) => ({
        ...transfer,
        wordSize,
        guards: guardsOf(transfer.instruction),
        isOnVmFail: isStoreBehind(transfer, failed),
      })),
    calls: program.instructions
      .filter((instruction) => isIn(instruction, fn))
      .flatMap((instruction) => callOf(instruction, guardsOf)),
    flow: flows.get(fn)?.flow ?? null,
  });
}

/** The moves of a C function's `asm()` statements in a 64-bit kernel. */
export function statementMoves(
  statements: readonly AsmStatement[],
  context: FlowContext,
): Omit<FunctionMoves, 'calls'> {
  const { transfers, steps, flow }: FlowOfRoot = statementFlow(statements, optionsOf(8, context));
  const graphs = statements.map((statement) => controlFlowGraph(statement));
  const guards = graphs.map(conditionsOf);
  const failed = new Set(graphs.flatMap((graph) => [...afterFailedEntry(graph)]));
  const guardsOf = (instruction: AsmInstruction) => {
    const at = statements.findIndex(({ instructions }) => instructions.includes(instruction));
    return guards[at]?.(instruction) ?? instruction.conditions;
  };
  return {
    steps: steps.map((step) => guardedStep(step, guardsOf)),
    transfers: transfers.map((transfer) => ({
      ...transfer,
      wordSize: 8,
      rootFile: null,
      guards: guardsOf(transfer.instruction),
      isOnVmFail: isStoreBehind(transfer, failed),
    })),
    flow,
  };
}

function guardedStep(step: RegisterStep, guardsOf: (instruction: AsmInstruction) => readonly Guard[]): AsmStep {
  return { ...step, guards: guardsOf(step.instruction) };
}

function callOf(instruction: AsmInstruction, guardsOf: (instruction: AsmInstruction) => readonly Guard[]): AsmCall[] {
  const name = calledSymbol(instruction);
  return name === null ? [] : [{ name, offset: instruction.start, conditions: guardsOf(instruction) }];
}

function isStoreBehind({ direction, side, instruction }: SlotTransfer, failed: ReadonlySet<AsmInstruction>): boolean {
  return direction === 'store' && side === 'after-entry' && failed.has(instruction);
}

function optionsOf(
  wordSize: 4 | 8,
  { entering, exitLabels, noReturn, inC, withoutArguments, observerOf }: FlowContext,
): RootOptions {
  return {
    wordSize,
    exitLabels,
    noReturn,
    inC,
    withoutArguments,
    isEntry: (instruction) => isEntry(instruction, entering),
    observerOf: wordSize === 8 ? observerOf : undefined,
  };
}

/** The conditions that instructions are under: of `#if` and `.if`, the feature that an ALTERNATIVE has them for, then those that jumps put them under. */
function conditionsOf(graph: ControlFlowGraph): (instruction: AsmInstruction) => readonly ConditionGuard[] {
  const skips = branchGuards(graph);
  return (instruction) => [
    ...instruction.conditions,
    ...(instruction.alternative?.feature ? [instruction.alternative.feature] : []),
    ...(skips.get(instruction) ?? []),
  ];
}
