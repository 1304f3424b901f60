import { UNKNOWN_PLACE, type PlaceKind, type PlaceWords } from '../backends/place.js';
import type { Phase } from '../backends/phase.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { backendTitle, hardwareKind } from '../model/query/backends.js';
import type { RegisterModel } from '../model/registerModel.js';

/*
 * How places, phases and backends are spoken of, in one place. What is a backend's own is in its file (backends/): its title and the
 * words for its kinds of places.
 */

/** The words for what a tree has. */
export interface Words {
  readonly place: (kind: PlaceKind) => PlaceWords;
  /** What stands before the name of a field, where that alone does not tell its place: `GHCB `; else ''. */
  readonly areaPrefix: (kind: PlaceKind) => string;
  /** How a backend is written in a sentence. */
  readonly backend: (name: string) => string;
}

/** The words for a tree's places and backends. */
export const wordsOf = memoizeByIdentity((model: RegisterModel): Words => ({
  place: (kind) => hardwareKind(model, kind)?.words ?? COMMON_PLACES.get(kind) ?? plainWords({ title: kind, lead: '' }),
  areaPrefix: (kind) => hardwareKind(model, kind)?.words.cell ?? '',
  backend: (name) => backendTitle(model, name),
}));

/** Words for a place that is spoken of by its title and the name of what is in it. */
function plainWords({ title, lead, cell }: { title: string; lead: string; cell?: string }): PlaceWords {
  return { title, lead, cell: cell ?? `${title} `, kept: null, hidden: null, passing: null };
}

/** The places that every tree has. */
const COMMON_PLACES: ReadonlyMap<PlaceKind, PlaceWords> = new Map([
  ['hardware', { ...plainWords({ title: 'hardware', lead: 'hardware ' }), kept: 'hardware' }],
  ['cache', { ...plainWords({ title: 'register cache', lead: '', cell: 'cache ' }), kept: 'register cache' }],
  ['emulator', plainWords({ title: 'emulator', lead: "the emulator's copy, " })],
  ['nested', plainWords({ title: 'nested state', lead: 'nested state, ', cell: 'nested ' })],
  ['userspace', plainWords({ title: 'userspace', lead: 'userspace, ' })],
  ['smram', plainWords({ title: 'SMRAM', lead: 'SMRAM, ', cell: 'smram ' })],
  ['memory', plainWords({ title: 'guest memory', lead: '', cell: '' })],
  ['host', plainWords({ title: 'host values', lead: '', cell: 'host ' })],
  [
    UNKNOWN_PLACE,
    plainWords({ title: 'a save area that is not known', lead: 'a save area that is not known, ', cell: '' }),
  ],
  ['fpstate', plainWords({ title: 'fpstate', lead: '' })],
]);

/** How a moment is spoken of. */
interface PhaseWords {
  /** Behind a move: ` before VM-entry`; '' for no particular time. */
  readonly behind: string;
  /** At a sentence's beginning: `Before VM-entry`. */
  readonly title: string;
  /** Behind what a statement does, where the moment deserves a word: `, for an SMI`; else ''. */
  readonly aside: string;
}

export const PHASE_WORDS: Readonly<Record<Phase, PhaseWords>> = {
  'vm-entry': { behind: ' before VM-entry', title: 'Before VM-entry', aside: '' },
  'vm-exit': { behind: ' after VM-exit', title: 'After VM-exit', aside: '' },
  'on-demand': { behind: ' on demand', title: 'On demand', aside: '' },
  set: { behind: '', title: 'When KVM sets it', aside: '' },
  ioctl: { behind: ' (ioctl)', title: 'In an ioctl', aside: '' },
  emulation: { behind: '', title: 'Emulation', aside: '' },
  nested: { behind: ' (nested)', title: 'Nested', aside: ', for nested virtualization' },
  smm: { behind: ' for SMM', title: 'SMM', aside: ', for an SMI' },
  reset: { behind: ' at reset', title: 'At reset', aside: ', at reset' },
  launch: { behind: ' at launch', title: 'Before launch', aside: ', before launch' },
  other: { behind: '', title: 'Elsewhere', aside: '' },
};

/** When something is done, behind a phrase that a comma may end: `, after VM-exit`, ` (ioctl)`; '' where a phase has no words. */
export function behindPhrase(phase: Phase): string {
  return PHASE_WORDS[phase].behind.replace(/^ (?!\()/, ', ');
}
