import type { Place } from '../../facts/places.js';
import type { Phase } from '../../model/registerModel.js';
import type { Step, XsaveSetting, XsaveTransfer } from '../../model/xsave/xsaveModel.js';
import { code, statement, type Evidence, type Phrase, type Statement } from '../explanation.js';
import { evidenceOf, shownGuards } from '../ownerLines.js';

type Way = XsaveTransfer | XsaveSetting;

/** Ways between the same two places, at the same time, in the same function: their conditions differ only. */
export interface WayGroup {
  readonly first: Way;
  readonly ways: readonly Way[];
}

/** Groups ways, in their order. */
export function wayGroups(ways: readonly Way[]): WayGroup[] {
  const groups = new Map<string, { first: Way; ways: Way[] }>();
  for (const way of ways) {
    const key = [way.phase, way.state, placeName(way.from), placeName(way.to), way.file, way.function].join(' ');
    const known = groups.get(key);
    if (known) known.ways.push(way);
    else groups.set(key, { first: way, ways: [way] });
  }
  return [...groups.values()];
}

function placeName(place: Place | null): string {
  return place ? `${place.kind}:${place.name}` : '';
}

/** `Before VM-entry: arch.pkru -> PKRU, kvm_load_guest_pkru if ..., called by vcpu_enter_guest` */
export function groupStatement(group: WayGroup): Statement {
  const [caller] = group.first.callers;
  return statement(
    [...wayPhrases(group.first), ', ', ...doerPhrases(group.first)],
    evidenceOfGroup(group.ways, caller),
  );
}

/** `Before VM-entry: arch.pkru -> PKRU` */
export function wayPhrases(way: Way): Phrase[] {
  return [`${timeOf(way)}: `, ...placePhrases(way.from, way.other), ' -> ', ...placePhrases(way.to, '')];
}

/** `kvm_load_guest_pkru if ..., called by vcpu_enter_guest` */
export function doerPhrases(way: Way): Phrase[] {
  const conditions = shownGuards(way);
  const [caller] = way.callers;
  return [
    code(way.function),
    ...(conditions.length > 0 ? [' if ', code(conditions.join(' && '))] : []),
    ...(caller ? [', called by ', code(caller.function)] : []),
  ];
}

function evidenceOfGroup(ways: readonly Way[], caller: Step | undefined): Evidence[] {
  const lines = new Map(ways.map((way) => [`${way.file} ${String(way.line)}`, evidenceOf(way)]));
  return [...[...lines.values()].slice(0, 2), ...(caller ? [{ file: caller.file, line: caller.line }] : [])];
}

function placePhrases(place: Place | null, value: string): Phrase[] {
  if (!place) return value === '' ? ['a constant'] : [code(value.length > 40 ? `${value.slice(0, 39)}…` : value)];
  if (place.kind === 'hardware') return [place.name];
  return [code(place.name)];
}

const TIMES: Readonly<Record<Phase, string>> = {
  'vm-entry': 'Before VM-entry',
  'vm-exit': 'After VM-exit',
  'on-demand': 'On demand',
  set: 'When KVM sets it',
  ioctl: 'In an ioctl',
  emulation: 'Emulation',
  nested: 'Nested',
  smm: 'SMM',
  reset: 'At reset',
  launch: 'Before launch',
  other: 'Elsewhere',
};

/** When a way is gone. */
export function timeOf({ phase, side }: Way): string {
  return side === 'userspace' ? 'Userspace' : TIMES[phase];
}
