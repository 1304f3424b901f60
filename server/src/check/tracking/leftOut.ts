import type { PlaceKind } from '../../backends/place.js';
import { GPR_NAMES } from '../../facts/registers/registerMember.js';
import { hardwareKind } from '../../model/query/backends.js';
import { definitionSpan, spanIn, tellingFunctions, type CFunction } from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Fix, type Rule, type TextEdit } from '../finding.js';
import { copyAs } from './missingCopies.js';

const ID = 'tracking/left-out';

/** A function that copies the general-purpose registers one by one and leaves one out. */
export const leftOut: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A function that copies the general-purpose registers one by one leaves one out.',
  why: 'Code such as `regs->rax = kvm_rax_read(vcpu)`, once for each register, is for all of them: what is left out keeps another value.',
  exemptions: [
    'Functions that copy fewer than 13 of RAX-R15: state of 16- and 32-bit modes has only some.',
    "Protocols of protected guests, such as the GHCB and the TDX module's arguments: they pass only some.",
    'R16-R31: no interface that names its registers has them yet.',
  ],
  find: (model) => tellingFunctions(model).flatMap((fn) => incompleteCopies(model, fn).map(findingOf)),
  fixes: copyTheRest,
};

/** A function that copies most of the registers in one direction. */
interface IncompleteCopy {
  readonly fn: CFunction;
  /** `the cache to the VMSA` */
  readonly direction: string;
  readonly missing: readonly string[];
  /** The others, with where the statement begins that copies each. */
  readonly copied: ReadonlyMap<string, number>;
}

/** How many of the first 16 a function has to copy to be taken for one that copies all. */
const MOST_OF_16 = 13;

function incompleteCopies(model: RegisterModel, fn: CFunction): IncompleteCopy[] {
  if (fn.c.moves.length < MOST_OF_16) return [];
  const byDirection = new Map<string, Map<string, number>>();
  for (const { from, to, statement } of fn.c.moves) {
    if (!from || !to || from.kind === to.kind) continue;
    const [member, other] =
      from.kind === 'cache' ? [from.register, to] : [to.kind === 'cache' ? to.register : null, from];
    if (hardwareKind(model, other.kind)?.role === 'protocol') continue;
    const register = memberNamed(model, member);
    if (register?.class !== 'gpr') continue;
    const direction = `${titleOf(from.kind)} to ${titleOf(to.kind)}`;
    const copied = byDirection.get(direction) ?? new Map<string, number>();
    byDirection.set(direction, copied.set(register.register, statement));
  }
  return [...byDirection].flatMap(([direction, copied]) => {
    const missing = GPR_NAMES.slice(0, 16).filter((name) => !copied.has(name));
    const isIncomplete = missing.length > 0 && 16 - missing.length >= MOST_OF_16;
    return isIncomplete ? [{ fn, direction, missing, copied }] : [];
  });
}

function findingOf({ fn, direction, missing }: IncompleteCopy): Finding {
  const all = `the other general-purpose registers from ${direction}`;
  return finding(ID, definitionSpan(fn), `${fn.name} copies ${all}, but not ${missing.join(', ')}`);
}

/** Copies what is missing as the registers beside it are copied. */
function copyTheRest(model: RegisterModel, { file, span, message }: Finding): Fix[] {
  const copies = tellingFunctions(model)
    .filter((fn) => fn.file === file && definitionSpan(fn).start === span.start)
    .flatMap((fn) => incompleteCopies(model, fn));
  const copy = copies.find((one) => findingOf(one).message === message);
  if (!copy) return [];
  const edits = copy.missing.map((name) => copyBeside(model, copy, name));
  const known = edits.filter((edit) => edit !== null);
  return known.length < edits.length ? [] : [{ title: `Copy ${copy.missing.join(', ')} too`, edits: known }];
}

/** One missing register copied as the nearest is that is there: R8-R15 as those, which may be under an `#ifdef`. */
function copyBeside(model: RegisterModel, { fn, copied }: IncompleteCopy, name: string): TextEdit | null {
  const number = GPR_NAMES.indexOf(name);
  const distance = (other: string): number => {
    const far = GPR_NAMES.indexOf(other) - number;
    return far < 0 ? -far - 0.5 : far; // behind the one before it, if there is one
  };
  if (isLazy(model, name)) return null;
  const alike = [...copied].filter(([other]) => GPR_NAMES.indexOf(other) < 8 === number < 8 && !isLazy(model, other));
  const nearest = alike.sort(([a], [b]) => distance(a) - distance(b));
  for (const [register, statement] of nearest) {
    const { file, start } = spanIn(fn, { start: statement, end: statement });
    const edit = copyAs(model, { file, statement: start, register }, name);
    if (edit) return edit;
  }
  return null;
}

/** Whether the slot may be stale or has to be marked dirty: to copy it as others are copied is not enough, or too much. */
function isLazy({ registers }: RegisterModel, name: string): boolean {
  return registers.some(({ register, owners }) => register === name && owners.some(({ sync }) => sync === 'lazy'));
}

function titleOf(kind: PlaceKind): string {
  return kind === 'cache' ? 'the cache' : kind === 'userspace' ? "userspace's struct" : `the ${kind.toUpperCase()}`;
}
