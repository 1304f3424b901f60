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
 * The transfers of a component that KVM lets guests use: those of its own state where KVM moves that apart (PKRU), else those
 * of all components together. Userspace's buffer holds user components only.
 */
export function useOf({ transfers }: XsaveModel, component: XsaveComponent): ComponentUse {
  if (component.supported === 'no') return { loads: [], stores: [], user: [] };
  const state = ownState(component);
  const own = transfers.filter((t) => t.state === state || t.state === component.name);
  const all = transfers.filter((t) => t.state === ALL_COMPONENTS);
  const pick = (isOne: (t: XsaveTransfer) => boolean) => {
    const apart = own.filter(isOne);
    return apart.length > 0 ? apart : all.filter(isOne);
  };
  return {
    loads: pick((t) => t.side === 'guest' && t.to.kind === 'hardware'),
    stores: pick((t) => t.side === 'guest' && t.from.kind === 'hardware'),
    user:
      component.enabledIn === 'XCR0' ? pick((t) => t.side === 'userspace') : own.filter((t) => t.side === 'userspace'),
  };
}

/** The state that KVM switches apart from the others, of a component that has one. */
export function ownState({ number }: XsaveComponent): string | null {
  return number === null ? null : (ARCHITECTURAL_COMPONENTS.get(number)?.state ?? null);
}

/** The ioctls that a transfer is done for, by the cases that it is under. */
export function ioctlsOf(transfer: XsaveTransfer): string[] {
  return transfer.guards.flatMap((guard) =>
    guard.kind === 'case' ? guard.labels.flatMap((label) => label?.match(/\bKVM_[A-Z0-9_]+/g) ?? []) : [],
  );
}
