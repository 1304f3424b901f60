import type { AsmInstruction } from '../assembler/instruction.js';
import type { Doubt } from './doubt.js';
import type { MachineState } from './machineState.js';

/** What looks on while the ways through a graph are followed, to show them. */
export type FlowObserver = (step: ObservedStep) => void;

/** What one instruction does to the state that arrives at it. */
export interface ObservedStep {
  readonly instruction: AsmInstruction;
  /** Control arrives here from elsewhere than the step before. */
  readonly isBlockStart: boolean;
  readonly before: MachineState;
  /** What control goes on with; where it goes on at several places, behind the instruction. */
  readonly after: MachineState;
  /** What is not understood there, and stands in no register's set. */
  readonly doubts: readonly Doubt[];
}
