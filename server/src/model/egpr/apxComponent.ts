import { APX_COMPONENT } from '../../facts/xsave/architecturalComponents.js';
import type { Location } from '../../syntax/text/sourceText.js';
import { hasComponent } from '../xsave/componentBits.js';
import type { GuestMask, XsaveModel } from '../xsave/xsaveModel.js';

/** What a tree says of the XSAVE component that holds R16-R31. */
export interface ApxComponent {
  /** The component's name and where the FPU core declares it; null where it does not know it. */
  readonly component: { readonly name: string; readonly declared: Location } | null;
  /** Whether the tree shows the FPU core's list of components at all. */
  readonly hasComponents: boolean;
  /** KVM's mask of what guests may enable in XCR0, and whether the component is in it; null where there is no such mask. */
  readonly supported: { readonly name: string; readonly defined: Location; readonly holdsComponent: boolean } | null;
  /** Whether guests of a vendor's module may enable the component, where KVM has a mask of that. */
  readonly byVendor: ReadonlyMap<string, Support>;
  /** Where the component is taken out of what guests may enable. */
  readonly dropped: readonly Location[];
}

/** Whether guests may enable a component: it may be, or may not; null where that is not known. */
export type Support = boolean | null;

/** What XSAVE state says of APX. */
export function apxComponent({ components, masks }: XsaveModel): ApxComponent {
  const component = components.find(({ number }) => number === APX_COMPONENT) ?? null;
  const mask = masks.find(({ register }) => register === 'XCR0');
  return {
    component,
    hasComponents: components.length > 0,
    supported: mask ? supportedIn(mask) : null,
    byVendor: new Map(mask?.byVendor.map(({ vendor, value }) => [vendor, supportBy(value)]) ?? []),
    dropped:
      mask?.changes.filter(({ cleared, guards }) => hasComponent(cleared, APX_COMPONENT) && guards.length === 0) ?? [],
  };
}

/** Whether a mask may have the component; null where that is not known. */
function supportBy({ always, sometimes, unknown }: GuestMask['value']): Support {
  if (hasComponent(always | sometimes, APX_COMPONENT)) return true;
  return hasComponent(unknown, APX_COMPONENT) ? null : false;
}

/** KVM's mask with whether it may have the component; null where that is not known. */
function supportedIn({ macro, variable, set, value, changes }: GuestMask): ApxComponent['supported'] {
  const holdsComponent = supportBy(value);
  const narrowed = changes.find(
    (change) => change.variable !== undefined && hasComponent(change.cleared, APX_COMPONENT),
  );
  const [name, defined] =
    narrowed?.variable !== undefined && holdsComponent === false
      ? [narrowed.variable, narrowed]
      : [macro?.name ?? variable, macro ?? set];
  return name !== null && defined && holdsComponent !== null ? { name, defined, holdsComponent } : null;
}
