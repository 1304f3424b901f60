import { ARCHITECTURAL_COMPONENTS } from '../../facts/xsave/architecturalComponents.js';
import { ALL_COMPONENTS, type XsaveComponent, type XsaveModel, type XsaveTransfer } from './xsaveModel.js';

/** How a component's registers come to and from a guest. */
interface ComponentUse {
  /** To the hardware, for the guest. */
  readonly loads: readonly XsaveTransfer[];
  /** From the hardware, of the guest. */
  readonly stores: readonly XsaveTransfer[];
  /** To and from userspace. */
  readonly user: readonly XsaveTransfer[];
}

/**
 * The transfers of a component: none of the fpstate's where KVM does not let guests use it; those of its own state where KVM moves that apart from the fpstate (PKRU,
 * R16-R31 in the register cache), else those of all components together. Userspace's buffer holds user components only.
 */
export function useOf({ transfers }: XsaveModel, component: XsaveComponent): ComponentUse {
  const state = ownState(component);
  const isOff = component.supported === 'no';
  const own = transfers.filter((t) => (t.state === state && !isOff) || t.state === component.name);
  const all = isOff ? [] : transfers.filter((t) => t.state === ALL_COMPONENTS && !t.leftOut.includes(component.name));
  const isKeptApart = component.unknown.length > 0 || own.some((t) => isOfCache(t) && isOfHardware(t));
  const pick = (isOne: (t: XsaveTransfer) => boolean) => {
    const found = own.filter(isOne);
    return isKeptApart || found.some(isOfCache) ? found : [...found, ...all.filter(isOne)];
  };
  return {
    loads: pick((t) => t.side === 'guest' && t.to.kind === 'hardware'),
    stores: pick((t) => t.side === 'guest' && t.from.kind === 'hardware'),
    user:
      component.enabledIn === 'XCR0' ? pick((t) => t.side === 'userspace') : own.filter((t) => t.side === 'userspace'),
  };
}

/**
 * The copies between fpstate and userspace that a component's area is part of although KVM keeps its registers elsewhere: what
 * they move is not the guest's value.
 */
export function staleCopies({ transfers }: XsaveModel, component: XsaveComponent): readonly XsaveTransfer[] {
  const isKeptApart = transfers.some((t) => t.state === component.name && isOfCache(t) && isOfHardware(t));
  const isOne = (t: XsaveTransfer) =>
    t.state === ALL_COMPONENTS && t.side === 'userspace' && !t.leftOut.includes(component.name);
  return isKeptApart && component.supported !== 'no' ? transfers.filter(isOne) : [];
}

function isOfCache({ from, to }: XsaveTransfer): boolean {
  return from.kind === 'cache' || to.kind === 'cache';
}

function isOfHardware({ from, to }: XsaveTransfer): boolean {
  return from.kind === 'hardware' || to.kind === 'hardware';
}

/** The state that KVM switches apart from the others, of a component that has one. */
export function ownState({ number }: XsaveComponent): string | null {
  return number === null ? null : (ARCHITECTURAL_COMPONENTS.get(number)?.state ?? null);
}

/** The ioctls that a transfer is done for, by the cases that it is under. */
export function ioctlsOf({ guards }: Pick<XsaveTransfer, 'guards'>): string[] {
  return guards.flatMap((guard) =>
    guard.kind === 'case' ? guard.labels.flatMap((label) => label?.match(/\bKVM_[A-Z0-9_]+/g) ?? []) : [],
  );
}
