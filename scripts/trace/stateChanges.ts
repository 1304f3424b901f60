import type { LinearForm } from '../../server/src/syntax/assembler/expression.js';
import type { Doubt } from '../../server/src/syntax/flow/doubt.js';
import { FIRST_FRAME, type MachineState } from '../../server/src/syntax/flow/machineState.js';
import { originKey, type Origin, type OriginSet, type Place } from '../../server/src/syntax/flow/origin.js';

/** How origins are told that speak of places in the code. */
export interface OriginNames {
  /** The 1-based line of a node of the graph; null for a place outside of it. */
  readonly lineOfNode: (node: number) => number | null;
  readonly doubtText: (doubt: Doubt) => string;
}

/** What of a state is other than before, a line each: registers, the stack pointer, words of the stack and of memory, ZF. */
export function stateChanges(before: MachineState, after: MachineState, names: OriginNames): string[] {
  const values = (set: OriginSet) => `{${set.map((origin) => originText(origin, names)).join(', ')}}`;
  const changed = (name: string, from: OriginSet | undefined, to: OriginSet) =>
    isSame(from ?? [], to) ? [] : [`${name}: ${from ? `${values(from)} -> ` : ''}${values(to)}`];
  const arrived = [...after.registers].flatMap(([name, set]) =>
    isGuestsOwn(name, set) && !isGuestsOwn(name, before.registers.get(name)) ? [name] : [],
  );
  const registers = [...after.registers].flatMap(([name, set]) =>
    arrived.includes(name) ? [] : changed(name, before.registers.get(name), set),
  );
  const stack = [...after.stack].flatMap(([key, { frame, offset, values: set }]) =>
    changed(`[${stackText(frame, offset, names)}]`, before.stack.get(key)?.values, set),
  );
  const memory = [...after.memory].flatMap(([key, word]) =>
    changed(placeText(word, names), before.memory.get(key)?.values, word.values),
  );
  return [
    ...changed('RSP', [stackPointer(before)], [stackPointer(after)]),
    ...(arrived.length > 0 ? [`the guest's own: ${arrived.join(' ')}`] : []),
    ...registers,
    ...stack,
    ...memory,
    ...(before.zero === after.zero ? [] : [`ZF: ${flagText(before.zero)} -> ${flagText(after.zero)}`]),
  ];
}

function isSame(left: OriginSet, right: OriginSet): boolean {
  if (left === right) return true;
  const keys = new Set(left.map(originKey));
  return left.length === right.length && right.every((origin) => keys.has(originKey(origin)));
}

/** Whether a register holds what the guest left in it, and nothing else. */
function isGuestsOwn(register: string, [origin, another]: OriginSet = []): boolean {
  return origin?.kind === 'guest' && origin.gpr === register && !another;
}

function stackPointer({ frame, depth }: MachineState): Origin {
  return { kind: 'stack', frame, offset: depth };
}

function flagText(flag: boolean | null): string {
  return flag === null ? '?' : String(Number(flag));
}

function originText(origin: Origin, names: OriginNames): string {
  switch (origin.kind) {
    case 'host':
    case 'guest':
      return `${origin.kind}:${origin.gpr}`;
    case 'argument':
      return `argument:${origin.gpr}`;
    case 'operand':
      return `operand:${origin.expression}`;
    case 'stack':
      return stackText(origin.frame, origin.offset, names);
    case 'return-address':
      return `return to ${lineText(origin.node, names)}`;
    case 'constant':
      return `$${formText(origin.value)}`;
    case 'address':
    case 'loaded':
      return `${origin.kind}:${placeText(origin, names)}`;
    case 'variables':
      return origin.segment === null ? 'variables' : `%${origin.segment}`;
    case 'result':
    case 'clobbered':
      return `${origin.kind}:${origin.callee}`;
    case 'computed':
      return `computed:${origin.by}${origin.operand ? ` of ${originText(origin.operand, names)}` : ''}`;
    case 'unknown':
      return `unknown:${names.doubtText(origin.doubt)}`;
  }
}

/** A word of memory as an operand would name it: `8(argument:RDI)`. */
function placeText({ base, displacement }: Place, names: OriginNames): string {
  return `${displacement ? formText(displacement) : '?'}(${originText(base, names)})`;
}

/** A place in a stack frame, in bytes from the stack pointer at its beginning. */
function stackText(frame: number, offset: number, names: OriginNames): string {
  const distance = offset < 0 ? String(offset) : `+${String(offset)}`;
  return `stack${frame === FIRST_FRAME ? '' : ` of ${lineText(frame, names)}`}${distance}`;
}

function lineText(node: number, { lineOfNode }: OriginNames): string {
  const line = node === FIRST_FRAME ? null : lineOfNode(node);
  return line === null ? 'the caller' : `line ${String(line)}`;
}

/** A sum of symbols and a number: `SLOT+8`. */
function formText({ symbols, constant }: LinearForm): string {
  const terms = Array.from(symbols, ([name, factor]) => (factor === 1 ? name : `${String(factor)}*${name}`));
  if (constant !== 0 || terms.length === 0) terms.push(String(constant));
  return terms.join('+').replaceAll('+-', '-');
}
