import type { ComponentFact, ComponentFacts, Site } from '../../facts/xsave/componentFacts.js';
import { ARCHITECTURAL_COMPONENTS } from '../../facts/xsave/architecturalComponents.js';
import { hasComponent } from './componentBits.js';
import type { MaskValue } from './maskValue.js';
import type { FpuSupport, GuestMask, Support, XsaveComponent } from './xsaveModel.js';

/**
 * The FPU core's masks of what it does with components, by the names that they have had (asm/fpu/xstate.h). `_DYNAMIC` alone
 * was the LBR's buffer of its own, from 5.8 to 5.14.
 */
const FPU_MASKS: readonly { readonly name: RegExp; readonly support: FpuSupport | 'dynamic' }[] = [
  { name: /^XFEATURE_MASK_(?:GUEST_SUPERVISOR|KERNEL_DYNAMIC|SUPERVISOR_GUEST)$/, support: 'guest-only' },
  { name: /^XFEATURE_MASK_(?:INDEPENDENT|DYNAMIC)$/, support: 'independent' },
  { name: /^XFEATURE_MASK_USER(?:_SUPPORTED)?$|^XCNTXT_MASK$/, support: 'user' },
  { name: /^XFEATURE_MASK_SUPERVISOR(?:_SUPPORTED)?$/, support: 'supervisor' },
  { name: /^XFEATURE_MASK_USER_DYNAMIC$/, support: 'dynamic' },
];

/** The components with what the FPU core and KVM do with each. `off`: those that the FPU core turns off, a bit for each. */
export function componentsOf(facts: ComponentFacts, guest: readonly GuestMask[], off: bigint): XsaveComponent[] {
  return facts.components.map((component) => {
    const { name, number, declared, mask, size } = component;
    const known = number === null ? undefined : ARCHITECTURAL_COMPONENTS.get(number);
    const fpu = fpuSupport(facts, component, off);
    const enabledIn = known?.enabledIn ?? enabledByMask(fpu.support);
    const own = guest.find((m) => m.register === enabledIn);
    return {
      name,
      number,
      declared,
      mask,
      size,
      holds: known?.holds ?? null,
      enabledIn,
      fpu,
      unknown: [],
      isUserspaceOpen: false,
      ...gateOf(component, own, fpu),
    };
  });
}

function enabledByMask(support: FpuSupport): XsaveComponent['enabledIn'] {
  if (support === 'none' || support === 'unknown') return null;
  return support === 'user' ? 'XCR0' : 'XSS';
}

function fpuSupport(facts: ComponentFacts, { number }: ComponentFact, off: bigint): XsaveComponent['fpu'] {
  const holding = FPU_MASKS.flatMap(({ name, support }) =>
    [...facts.masks.values()]
      .filter(({ name: mask, bits }) => name.test(mask) && hasComponent(bits, number))
      .filter(() => support === 'independent' || !hasComponent(off, number))
      .map(({ file, line, column, offset }) => ({ support, site: { file, line, column, offset } })),
  );
  if (![...facts.masks.keys()].some((mask) => FPU_MASKS.some(({ name }) => name.test(mask))))
    return { support: 'unknown', isDynamic: false, evidence: [] };
  const [first] = holding.flatMap(({ support }) => (support === 'dynamic' ? [] : [support]));
  const evidence: Site[] = holding.map(({ site }) => site);
  return { support: first ?? 'none', isDynamic: holding.some((h) => h.support === 'dynamic'), evidence };
}

/**
 * Whether KVM lets a guest enable a component: in its mask in any case, or under conditions, or if userspace asks for it first.
 * Where the tree shows no mask at all, nothing is let.
 */
function gateOf(
  { number }: ComponentFact,
  mask: GuestMask | undefined,
  { support, isDynamic }: XsaveComponent['fpu'],
): Pick<XsaveComponent, 'supported' | 'supportedBy' | 'gate' | 'conditions'> {
  if (!mask) return { supported: 'no', supportedBy: [], gate: null, conditions: [] };
  // Of what the host has enabled KVM lets guests enable some: what the FPU core leaves off is no part of it.
  if (support === 'none') {
    const supportedBy = mask.byVendor.map(({ vendor }) => ({ vendor, supported: 'no' as const }));
    return { supported: 'no', supportedBy, gate: mask.macro ?? mask.set, conditions: [] };
  }
  const conditions = mask.changes.filter(
    (change) => hasComponent(change.cleared, number) || hasComponent(change.added, number),
  );
  const supportedBy = mask.byVendor.map(({ vendor, value }) => ({
    vendor,
    supported: supportIn(value, number, isDynamic),
  }));
  const distinct = new Set(supportedBy.map(({ supported }) => supported));
  const [only] = distinct;
  const supported =
    only === undefined ? supportIn(mask.value, number, isDynamic) : distinct.size === 1 ? only : mixed(distinct);
  const added = hasComponent(mask.bits ?? 0n, number)
    ? undefined
    : conditions.find((c) => hasComponent(c.added, number));
  return { supported, supportedBy, gate: added ?? mask.macro ?? mask.set, conditions };
}

/** What is said of several answers: it depends, or it is not known. */
function mixed(answers: ReadonlySet<Support>): Support {
  return answers.has('yes') || answers.has('conditional') ? 'conditional' : 'unknown';
}

function supportIn(value: MaskValue, number: number | null, isDynamic: boolean): Support {
  if (hasComponent(value.always, number)) return isDynamic ? 'conditional' : 'yes';
  if (hasComponent(value.sometimes, number)) return 'conditional';
  return hasComponent(value.unknown, number) || number === null ? 'unknown' : 'no';
}
