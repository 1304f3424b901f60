import type { NumberFlow } from '../../facts/regnum/functionNumbers.js';
import type { NumberWay } from '../../facts/regnum/numberWays.js';
import type { Reference } from '../../facts/registers/reference.js';
import { resultLink, type NumberLink } from '../../facts/regnum/sources.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import {
  commonGuards,
  hasGuard,
  negate,
  shownConjunct,
  shownGuard,
  type Guard,
} from '../../syntax/conditions/guard.js';
import { groupByEach } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { holdsNumber, membersForRegisters, numbersOf, type InFile } from './registerNumbers.js';

/** How many bits a register's number has. */
export interface NumberWidth {
  readonly bits: number;
  /** Where there is another width: when it is this one, as the source has it; null where that is not known. */
  readonly condition: string | null;
}

/** The widths of the number by which a reference in a file has its register; [] where they are not known, or no number decides. */
export function widthsOfReference(model: RegisterModel, file: string, reference: Reference): readonly NumberWidth[] {
  const { index, start } = reference;
  if (!index || index.counts) return [];
  return index.bits === null ? numberWidthsAt(model, file, start) : [{ bits: index.bits, condition: null }];
}

/** The widths of the number by which the register is read or written, or that is passed on, at an offset of a file, the narrowest first; [] where they are not known. */
function numberWidthsAt(model: RegisterModel, file: string, start: number): readonly NumberWidth[] {
  const flow = numbersOf(model, 'flows').find((one) => one.file === file && one.start === start);
  return flow ? widthsOf(model, [flow], 0) : [];
}

/** The widths of what a function returns as a register's number; [] where they are not known, or it returns none. */
export function decoderWidths(model: RegisterModel, name: string): readonly NumberWidth[] {
  const link = resultLink(name);
  return holdsNumber(model, link) ? widthsOf(model, flowsTo(model).get(link) ?? [], 0) : [];
}

const flowsTo = memoizeByIdentity((model: RegisterModel) =>
  groupByEach(numbersOf(model, 'flows'), ({ to }) => (to === null ? [] : [to])),
);

/** Functions and members in one another that a number comes by. */
const MOST_STEPS = 6;

function widthsOf(model: RegisterModel, flows: readonly InFile<NumberFlow>[], steps: number): readonly NumberWidth[] {
  const all: NumberWidth[] = [];
  for (const { ways } of flows) {
    const made = ways.filter(({ isConstant }) => !isConstant);
    const shared = made.reduce<readonly Guard[]>(
      (common, { guards }) => commonGuards(common, guards),
      made[0]?.guards ?? [],
    );
    for (const way of made) {
      const widths = widthsOfWay(model, way, steps);
      if (widths.length === 0) return [];
      const own = conditionOf(way, made, shared);
      all.push(...widths.map(({ bits, condition }) => ({ bits, condition: joined(own, condition) })));
    }
  }
  return distinctWidths(all);
}

function widthsOfWay(model: RegisterModel, { mask, link }: NumberWay, steps: number): readonly NumberWidth[] {
  if (mask !== null) return mask > 0n ? [{ bits: mask.toString(2).length, condition: null }] : [];
  if (link === null || steps >= MOST_STEPS) return [];
  const field = bitFields(model).get(link);
  if (field !== undefined) return [{ bits: field, condition: null }];
  return widthsOf(model, flowsTo(model).get(link) ?? [], steps + 1);
}

/** The bits of the members that are bit-fields, by their links: no type has fewer than eight. */
const bitFields = memoizeByIdentity(
  (model: RegisterModel): ReadonlyMap<NumberLink, number> =>
    new Map(
      membersForRegisters(model).flatMap(({ link, bits }) =>
        bits !== null && bits < 8 ? [[link, bits] as const] : [],
      ),
    ),
);

/** The condition of one way among others: its own, or what the only other one is not under. */
function conditionOf(way: NumberWay, all: readonly NumberWay[], shared: readonly Guard[]): string | null {
  const ownOf = ({ guards }: NumberWay) => guards.filter((guard) => !hasGuard(shared, guard));
  const own = ownOf(way);
  const [only, another] = own;
  if (only) return another ? own.map(conjunctOf).join(' && ') : conditionText(only);
  const [other, more] = all.filter((one) => one !== way).flatMap(ownOf);
  return other && !more && other.kind !== 'case' ? shownGuard(negate(other)) : null;
}

function conditionText(guard: Guard): string {
  if (guard.kind !== 'case') return shownGuard(guard);
  return guard.labels
    .map((label) => (label === null ? `default of ${guard.subject}` : `${guard.subject} == ${label}`))
    .join(' || ');
}

function conjunctOf(guard: Guard): string {
  if (guard.kind !== 'case') return shownConjunct(guard);
  return guard.labels.length > 1 ? `(${conditionText(guard)})` : conditionText(guard);
}

function joined(outer: string | null, inner: string | null): string | null {
  return outer === null ? inner : inner === null || inner === outer ? outer : `${outer} && ${inner}`;
}

/** Each width once, with the condition that all that have it share; the narrowest first. */
function distinctWidths(widths: readonly NumberWidth[]): NumberWidth[] {
  const found = new Map<number, string | null>();
  for (const { bits, condition } of widths)
    found.set(bits, found.has(bits) && found.get(bits) !== condition ? null : condition);
  return [...found].map(([bits, condition]) => ({ bits, condition })).sort((a, b) => a.bits - b.bits);
}
