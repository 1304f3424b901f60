import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import type { Gpr } from '../x86/registers.js';
import type { Doubt, Site } from './doubt.js';
import { type MachineState } from './machineState.js';
import { type OriginSet, type Place } from './origin.js';
import type { RegisterStep } from './registerSteps.js';

export type MemoryOperand = AsmOperand & { readonly kind: 'memory' };

/** A word of memory outside of the stack that an instruction reads or writes. */
interface Access {
  /** `load`: it is read. */
  readonly direction: 'load' | 'store';
  readonly place: Place;
  /** The operand; null where the instruction does not name it (`movs`). */
  readonly memory: MemoryOperand | null;
  /** The register operand on the other side; null for the stack, a constant, and other memory. */
  readonly register: AsmRegister | null;
  /** What may be written. */
  readonly values: OriginSet;
}

/** One instruction, and the state that it changes. */
export interface Step extends Site {
  readonly instruction: AsmInstruction;
  readonly state: MachineState;
  /** In bytes. */
  readonly wordSize: 4 | 8;
  readonly found: Findings;
}

/** What instructions are found to do besides what they leave in the state. */
export interface Findings {
  readonly accesses: AccessOnWay[];
  readonly registerSteps: RegisterStep[];
  /** What is not understood and stands in no value. */
  readonly doubts: DoubtOnWay[];
}

/** An access on one way through the code. */
export interface AccessOnWay extends Access {
  readonly instruction: AsmInstruction;
  readonly node: number;
  readonly isAfterEntry: boolean;
}

/** A doubt on one way through the code. */
export interface DoubtOnWay {
  readonly doubt: Doubt;
  readonly isAfterEntry: boolean;
  /** The registers whose guest's values it is about; all when left out. */
  readonly of?: ReadonlySet<Gpr>;
}

export function addAccess({ found, instruction, node, state: { isAfterEntry } }: Step, access: Access): void {
  found.accesses.push({ ...access, instruction, node, isAfterEntry });
}

export function addDoubt({ found, doubt, state: { isAfterEntry } }: Step, kind: Doubt['kind']): void {
  found.doubts.push({ doubt: { ...doubt, kind }, isAfterEntry });
}
