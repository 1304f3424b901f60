import type { Place } from '../../backends/place.js';
import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt, functionText, type CFunction } from './functions.js';
import { placeOfTree } from './placeUses.js';
import { sourceOf } from './text.js';
import { unlistedIn } from './unlistedRegisters.js';

/** A member of `struct kvm_run`, which userspace reads and writes, that is for a register or that a statement copies to a place or sets from one. */
export interface RunField {
  /** What the statement moves there; null where it moves nothing that is known. */
  readonly move: { readonly place: Place; readonly isSource: boolean } | null;
  /** The register that no enum lists which it is called after; null for none. */
  readonly register: string | null;
}

/** What a word of a file is of that, `r11` of `vcpu->run->tdx.get_tdvmcall_info.r11`, `cr8` of `run->cr8`; null for any other word. */
export function runFieldAt(model: RegisterModel, path: string, offset: number, name: string): RunField | null {
  const text = sourceOf(model, path)?.text ?? '';
  const way = WAY.exec(text.slice(Math.max(0, offset - LONGEST_WAY), offset))?.[0];
  const fn = way === undefined ? null : functionAt(model, path, offset);
  if (!fn || way === undefined) return null;
  const move = moveOf(model, fn, offset, way + name);
  const named = /run->(?:debug\.arch\.)?$/.test(way) ? unlistedIn(name) : null;
  const register = named === name.toUpperCase() ? named : null;
  return move || register !== null ? { move, register } : null;
}

/** The move of the statement at an offset of a file, of or to an expression, on whose other side a place is. */
function moveOf(model: RegisterModel, fn: CFunction, offset: number, expression: string): RunField['move'] {
  const at = offsetIn(fn, offset);
  const found = fn.c.moves.findLast(
    ({ statement, to, other }) => statement <= at && (other === expression || to?.name === expression),
  );
  const isSource = found?.other === expression && found.to !== null;
  const place = isSource ? found.to : found?.from;
  if (!found || !place || functionText(model, fn).slice(found.statement, at).includes(';')) return null;
  return { place: placeOfTree(model, fn, place, found.offset), isSource };
}

/** Characters of an expression before its last member. */
const LONGEST_WAY = 80;

/** `vcpu->run->tdx.get_tdvmcall_info.` */
const WAY = /(?<![\w.>])(?:\w+->)?(?:kvm_)?run->(?:\w+(?:\[\w+\])?(?:\.|->))*$/;
