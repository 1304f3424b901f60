import type { ConditionGuard } from '../conditions/guard.js';
import type { AsmToken } from './asmToken.js';
import type { AsmAlternative, AsmData, AsmFunction, AsmInstruction } from './instruction.js';
import type { Placement, UnplacedCode } from './readCode.js';
import type { SectionStack } from './sections.js';

/** Where a function begins, and the conditions over that. */
interface FunctionStart {
  readonly start: number;
  readonly conditions: readonly ConditionGuard[];
}

/** Puts code into functions, behind its labels. */
export interface CodeWriter {
  /** Begins a function with its label, and ends the one before. */
  readonly beginFunction: (name: AsmToken, at: FunctionStart) => void;
  readonly endFunction: (end: number) => void;
  /** Sets a label before the code that is written next. */
  readonly setLabel: (name: string) => void;
  /** As `setLabel`. A label outside of functions that is not local begins one. */
  readonly writeLabel: (label: AsmToken, at: FunctionStart) => void;
  readonly write: (piece: UnplacedCode) => void;
  /** Begins an ALTERNATIVE, and returns its position. */
  readonly writeAlternative: (piece: UnplacedAlternative) => number;
  /** What was written, in the order of the text. */
  readonly functions: readonly AsmFunction[];
  readonly code: readonly (AsmInstruction | AsmData)[];
  readonly alternatives: readonly AsmAlternative[];
}

/** An ALTERNATIVE that is not placed yet. */
type UnplacedAlternative = Omit<AsmAlternative, Placement>;

interface OpenFunction extends FunctionStart {
  readonly name: string;
  readonly nameStart: number;
  /** It began with a label: one that is declared ends it. */
  readonly isLabel: boolean;
}

/** `declared`: names that the file says are functions or global. */
export function codeWriter(sections: SectionStack, declared: ReadonlySet<string>): CodeWriter {
  const functions: AsmFunction[] = [];
  const code: (AsmInstruction | AsmData)[] = [];
  let open: OpenFunction | null = null;
  const alternatives: AsmAlternative[] = [];
  let position = 0;
  /** Labels that wait for what comes next in their section. */
  let waiting = new Map<string | null, string[]>();
  const setLabel = (name: string) => {
    const section = sections.current();
    waiting.set(section, [...(waiting.get(section) ?? []), name]);
  };
  const place = (): Pick<AsmInstruction, Placement> => {
    const section = sections.current();
    const labels = waiting.get(section) ?? [];
    waiting.delete(section);
    return { function: open?.name ?? null, labels, section, position: position++ };
  };
  const endFunction = (end: number) => {
    if (!open) return;
    const { name, nameStart, start, conditions } = open;
    functions.push({ name, nameStart, start, end, conditions });
    open = null;
    waiting = new Map();
  };
  const begin = (name: AsmToken, at: FunctionStart, isLabel: boolean) => {
    endFunction(at.start);
    open = { name: name.text, nameStart: name.start, ...at, isLabel };
  };
  const beginsFunction = (label: AsmToken) => {
    const isLocal = label.kind === 'number' || label.text.startsWith('.L');
    return !isLocal && (open === null || (open.isLabel && declared.has(label.text)));
  };
  return {
    functions,
    code,
    endFunction,
    beginFunction: (name, at) => {
      begin(name, at, false);
      setLabel(name.text);
    },
    alternatives,
    setLabel,
    writeLabel(label, at) {
      if (beginsFunction(label)) begin(label, at, true);
      setLabel(label.text);
    },
    write(piece) {
      code.push({ ...piece, ...place() });
    },
    writeAlternative(piece) {
      const placed = place();
      alternatives.push({ ...piece, ...placed });
      return placed.position;
    },
  };
}
