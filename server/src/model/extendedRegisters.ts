import type { SourceOutline } from '../facts/sourceOutline.js';
import type { Place } from '../facts/places.js';
import { locationAt, type Location } from '../syntax/sourceText.js';
import type { Backend, Owner, Register } from './registerModel.js';

/** What a tree says of the XSAVE component that holds R16-R31 (Intel APX specification, 3.1.4.2: component 19). */
export interface ExtendedState {
  /** The component's name and where the FPU core declares it; null where it does not know it. */
  readonly component: { readonly name: string; readonly declared: Location } | null;
  /** KVM's mask of what guests may enable in XCR0, and whether the component is in it; null where there is no such mask. */
  readonly supported: { readonly name: string; readonly defined: Location; readonly holdsComponent: boolean } | null;
}

/** The FPU core's name for the component (asm/fpu/types.h, enum xfeature). */
const APX_COMPONENT = /^XFEATURE_APX$/;

/** Macros of KVM that say which components a guest may enable. */
const SUPPORTED_MASK = /^KVM_SUPPORTED_XCR0$/;

/** Reads what a tree says of APX state. */
export function readExtendedState(outlines: readonly SourceOutline[]): ExtendedState {
  let component: ExtendedState['component'] = null;
  let supported: ExtendedState['supported'] = null;
  for (const file of outlines) {
    for (const item of file.items) {
      const found = item.kind === 'enum' ? [...item.words].find(([word]) => APX_COMPONENT.test(word)) : undefined;
      if (found) component = { name: found[0], declared: locationAt(file.source, found[1]) };
    }
    const mask = file.directives.macros.find((macro) => SUPPORTED_MASK.test(macro.name));
    if (mask) {
      const holdsComponent = mask.body.some((token) => /^XFEATURE_MASK_APX$/.test(token.text));
      supported = { name: mask.name, defined: locationAt(file.source, mask.nameStart), holdsComponent };
    }
  }
  return { component, supported };
}

/** A general-purpose register that the architecture has and the tree's enum lacks. */
export function extendedRegister(name: string, backends: readonly Backend[], state: ExtendedState): Register {
  return {
    member: null,
    register: name,
    class: 'gpr',
    aliases: [],
    storage: null,
    owners: backends.map((backend): Owner => ({
      backend: backend.name,
      when: null,
      load: [],
      store: [],
      ...stateOf(name, state),
    })),
    transfers: [],
  };
}

function stateOf(name: string, state: ExtendedState): Pick<Owner, 'sync' | 'place' | 'summary'> {
  const { component, supported } = state;
  const place: Place = { kind: 'fpstate', name: component?.name ?? 'XSAVE', register: null };
  if (!component)
    return { sync: 'none', place, summary: `${name} is not known to this tree: its FPU core has no APX component.` };
  const at = ({ file, line }: Location) => `[${file}:${String(line)}]`;
  const gate =
    supported && !supported.holdsComponent
      ? `; guests can't enable it: not in ${supported.name} ${at(supported.defined)}`
      : '';
  return {
    sync: 'xsave',
    place,
    summary: `${name} lives in the XSAVE component ${component.name} ${at(component.declared)}, and KVM has no storage for it${gate}.`,
  };
}
