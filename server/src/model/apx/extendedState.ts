import type { SourceOutline } from '../../facts/sourceOutline.js';
import { locationAt, type Location } from '../../syntax/sourceText.js';

/** What a tree says of the XSAVE component that holds R16-R31 (Intel APX specification, 3.1.4.2: component 19). */
export interface ExtendedState {
  /** The component's name and where the FPU core declares it; null where it does not know it. */
  readonly component: { readonly name: string; readonly declared: Location } | null;
  /** Whether the tree shows the FPU core's list of components at all. */
  readonly hasComponents: boolean;
  /** KVM's mask of what guests may enable in XCR0, and whether the component is in it; null where there is no such mask. */
  readonly supported: { readonly name: string; readonly defined: Location; readonly holdsComponent: boolean } | null;
  /** Where the component is taken out of what guests may enable. */
  readonly dropped: readonly Location[];
}

/** The FPU core's names for the component and its bit in XCR0 (asm/fpu/types.h, enum xfeature). */
const APX_COMPONENT = 'XFEATURE_APX';
const APX_MASK = 'XFEATURE_MASK_APX';
/** The first of them, which every list has. */
const FIRST_COMPONENT = 'XFEATURE_FP';

/** Macros of KVM that say which components a guest may enable. */
const SUPPORTED_MASK = /^KVM_SUPPORTED_XCR0$/;

/** A statement that takes the component out of a mask of XCR0's bits: `kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_APX`. */
const DROPS = new RegExp(`\\bsupported_xcr0\\s*&=\\s*~[^;]*\\b${APX_MASK}\\b`);

/** Reads what a tree says of APX state. */
export function readExtendedState(outlines: readonly SourceOutline[]): ExtendedState {
  let component: ExtendedState['component'] = null;
  let hasComponents = false;
  let supported: ExtendedState['supported'] = null;
  const dropped: Location[] = [];
  for (const file of outlines) {
    for (const item of file.items) {
      const declared = item.kind === 'enum' ? item.words.get(APX_COMPONENT) : undefined;
      hasComponents ||= item.kind === 'enum' && item.words.has(FIRST_COMPONENT);
      if (declared !== undefined) component = { name: APX_COMPONENT, declared: locationAt(file.source, declared) };
      if (item.kind !== 'function' || !item.words.has(APX_MASK)) continue;
      const statement = DROPS.exec(file.code.slice(item.start, item.end));
      if (statement) dropped.push(locationAt(file.source, item.start + statement.index));
    }
    const mask = file.directives.macros.find((macro) => SUPPORTED_MASK.test(macro.name));
    if (mask) {
      const holdsComponent = mask.body.some((token) => token.text === APX_MASK);
      supported = { name: mask.name, defined: locationAt(file.source, mask.nameStart), holdsComponent };
    }
  }
  return { component, hasComponents, supported, dropped };
}
