import { memoizeByIdentity, memoizeByName } from '../cache/memoize.js';
import type { Backend } from './backend.js';
import type { HardwareKind, PlaceFunction, PlaceKind, StructPlace } from './place.js';
import { SEV_ES } from './sevEs.js';
import { SVM } from './svm.js';
import { TDX } from './tdx.js';
import { VMX } from './vmx.js';

/** Every backend that is known, in the contract's order. */
export const BACKENDS: readonly Backend[] = [VMX, SVM, SEV_ES, TDX];

/** All that backends say of places, put together. */
export interface PlaceTables {
  readonly kinds: ReadonlyMap<PlaceKind, HardwareKind>;
  readonly structs: ReadonlyMap<string, StructPlace>;
  /** Members that are of such a struct, for a tree whose header with the type is absent. */
  readonly members: ReadonlyMap<string, string>;
  /** The constants that mask a register's bits in a field that has others too. */
  readonly masks: ReadonlySet<string>;
  /** What a call to an accessor of a place does, or null for any other function. */
  readonly functionNamed: (name: string) => PlaceFunction | null;
}

/** Places that are userspace's, memory's or KVM's own, whatever the backend. */
const COMMON_STRUCTS: Readonly<Record<string, StructPlace>> = {
  // uapi/asm/kvm.h.
  kvm_regs: { kind: 'userspace', prefix: 'kvm_regs.' },
  kvm_sregs: { kind: 'userspace', prefix: 'kvm_sregs.' },
  kvm_sregs2: { kind: 'userspace', prefix: 'kvm_sregs2.' },
  kvm_debugregs: { kind: 'userspace', prefix: 'kvm_debugregs.' },
  // SDM vol. 3, 33.4.1: the SMRAM state save map; smm.h.
  kvm_smram_state_32: { kind: 'smram', prefix: 'smram32.' },
  kvm_smram_state_64: { kind: 'smram', prefix: 'smram64.' },
  // SDM vol. 3, 9.2: the task-state segment, in guest memory.
  tss_segment_16: { kind: 'memory', prefix: 'tss.' },
  tss_segment_32: { kind: 'memory', prefix: 'tss.' },
  kvm_host_values: { kind: 'host', prefix: 'kvm_host.' },
};

/** The places of some backends. */
export const placeTables = memoizeByIdentity((backends: readonly Backend[]): PlaceTables => {
  const structs = [COMMON_STRUCTS, ...backends.map((backend) => backend.structs)];
  return {
    kinds: new Map(backends.flatMap(({ places }) => places.map((place) => [place.kind, place] as const))),
    structs: new Map(structs.flatMap((own) => Object.entries(own))),
    masks: new Set(backends.flatMap(({ places }) => places.flatMap(({ parts = [] }) => parts.map(({ mask }) => mask)))),
    members: new Map(backends.flatMap(({ members }) => Object.entries(members))),
    functionNamed: memoizeByName((name) => {
      for (const { placeFunction } of backends) {
        const found = placeFunction(name);
        if (found) return found;
      }
      return null;
    }),
  };
});

/** The instructions that enter a guest of some backend. */
export const entryInstructions = memoizeByIdentity(
  (backends: readonly Backend[]): ReadonlySet<string> => new Set(backends.flatMap(({ entry }) => entry.instructions)),
);
