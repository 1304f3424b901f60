import type { Guard } from '../../syntax/conditions/guard.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { type RuntimeIndex } from './runtimeIndex.js';
import type { IndexedKind } from '../symbols/treeSymbols.js';

/** What a reference does with the register (the contract's kinds). */
export type ReferenceKind =
  IndexedKind | 'declare' | 'define' | 'address' | 'case' | 'mask' | 'argument' | 'asm-load' | 'asm-store' | 'other';

/** A place in a file where a register is named. Offsets are of the naming token. */
export interface Reference extends Span {
  /** The enum member; null where only run time knows which. */
  readonly register: string | null;
  readonly kind: ReferenceKind;
  /** What names it: the enumerator, accessor, field or operand as written; for a run-time index, how it is decoded. */
  readonly via: string;
  readonly function: string | null;
  readonly guards: readonly Guard[];
  /** By a function built on accessors, by a field of the cache, or in generic code: not the register's own name. */
  readonly isIndirect: boolean;
  /** Where the statement begins that it is in: the same for what the statement moves and calls. In assembly, of the instruction. */
  readonly statement: number;
  readonly index?: RuntimeIndex;
  /** The function that is given the register's number, or the array, among its arguments, and where its name stands. */
  readonly callee?: { readonly name: string; readonly start: number };
  /** Whose slot or field it is, where the reference is one itself; null for an array that is not known to hold guest registers. */
  readonly storage?: 'cache' | 'emulator' | null;
  /** What the value that is read is masked with, as written: `X86_CR4_UMIP` of `vcpu->arch.cr4 & X86_CR4_UMIP`. */
  readonly mask?: string;
}

/** A function's reference as one of its file, in which the function begins at `start`. */
export function referenceAt(reference: Reference, start: number): Reference {
  const { callee } = reference;
  const placed = {
    ...reference,
    start: reference.start + start,
    end: reference.end + start,
    statement: reference.statement + start,
  };
  return callee ? { ...placed, callee: { name: callee.name, start: callee.start + start } } : placed;
}
