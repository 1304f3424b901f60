import type { Transfer } from '../../backends/transfer.js';
import type { Reason } from '../../backends/owner.js';
import type { Place } from '../../backends/place.js';
import type { Condition } from '../../syntax/conditions/condition.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { Site } from '../../facts/xsave/componentFacts.js';
import type { MaskChange } from './maskEvaluation.js';
import type { MaskValue } from './maskValue.js';
import type { GraphNode } from '../callGraph.js';

/** What is switched or copied: a control register of XSAVE, the protection keys, a component by its name, or all of them. */
export type XsaveState = string;

/** The state of all components at once, as the contract calls it. */
export const ALL_COMPONENTS: XsaveState = 'fpstate';

/** Whose value a transfer is of, or that it goes to or comes from userspace (the contract's `side`). */
export type Side = 'guest' | 'host' | 'userspace';

/** Who has KVM access an MSR of a guest: userspace by KVM_GET_MSRS and KVM_SET_MSRS, or the guest itself by an RDMSR or WRMSR that exits. */
export type Initiator = 'userspace' | 'guest';

/** A call on the way to a transfer, or from it to the instruction. */
export interface Step extends Site {
  /** The function that the call stands in, and the one that it calls. */
  readonly function: string;
  readonly callee: string;
  readonly guards: readonly Guard[];
}

/** A way of XSAVE state from one place to another, in the function where both are known. */
export interface XsaveTransfer extends Transfer {
  readonly state: XsaveState;
  /** Components, by name, that a transfer of all leaves out: those that code takes out of the set that it copies. */
  readonly leftOut: readonly string[];
  readonly side: Side;
  /** Of an access to an MSR that userspace and guests are served by in one place: whose it may be. Empty for any other transfer. */
  readonly initiators: readonly Initiator[];
  readonly from: Place;
  readonly to: Place;
  readonly node: GraphNode;
  /** Who calls the function, nearest first, up to the one that says when it happens; its own calls' constants are bound. */
  readonly callers: readonly Step[];
  /** What the function calls to do it, down to the instruction or the copy. */
  readonly through: readonly Step[];
  /** It is done once for a KVM_RUN, before the first VM-entry or after the last VM-exit. */
  readonly isOncePerRun: boolean;
  /** For sorting what happens around VM-entry: offsets of the calls from the outermost function down to the transfer. */
  readonly order: readonly number[];
}

/** A value that KVM gives to the guest's XCR0, XSS, PKRU or XFD and that comes from no place: a constant. */
export interface XsaveSetting extends Omit<XsaveTransfer, 'from'> {
  readonly from: null;
}

/** A value's way, or a constant that KVM sets. */
export type XsaveAssignment = XsaveTransfer | XsaveSetting;

/** KVM's mask of what guests may enable: in XCR0 (user components) or in IA32_XSS (supervisor components). */
export interface GuestMask {
  readonly register: 'XCR0' | 'XSS';
  /** The macro that names the components: `KVM_SUPPORTED_XCR0`; null where there is none. */
  readonly macro: (Site & { readonly name: string }) | null;
  /** The variable that holds it at run time: `kvm_caps.supported_xcr0`. */
  readonly variable: string | null;
  /** Which components are in it in the end. */
  readonly value: MaskValue;
  /** The same for each vendor module of KVM's that the tree has. */
  readonly byVendor: readonly { readonly vendor: string; readonly value: MaskValue }[];
  /** The components that it begins with; null where they cannot be computed. */
  readonly bits: bigint | null;
  /** Where it is first set; null where the tree does not do that. */
  readonly set: Site | null;
  /** Where bits are added and taken out again. */
  readonly changes: readonly MaskChange[];
}

/** What the FPU core does with a component. */
export type FpuSupport =
  | 'user'
  | 'supervisor'
  /** Enabled in guests' FPUs only. */
  | 'guest-only'
  /** In a buffer of its own, at request. */
  | 'independent'
  | 'none'
  /** The tree shows none of the FPU core's masks. */
  | 'unknown';

/** Whether guests may enable a component. */
export type Support = 'yes' | 'no' | 'conditional' | 'unknown';

/** A component's registers, and how KVM and the FPU core treat it. */
export interface XsaveComponent {
  /** `XFEATURE_PKRU`. */
  readonly name: string;
  /** Its bit in XCR0 or IA32_XSS. null where its value cannot be computed. */
  readonly number: number | null;
  readonly declared: Site;
  /** What it holds, in the manual's words; null where the tables know no such component. */
  readonly holds: string | null;
  /** Which register enables it: XCR0 for user components, IA32_XSS for supervisor components; null when neither is known. */
  readonly enabledIn: 'XCR0' | 'XSS' | null;
  /** `XFEATURE_MASK_PKRU`. */
  readonly mask: (Site & { readonly name: string }) | null;
  /** The struct that the FPU core has for it, whose size it checks against CPUID leaf 0xD; null: CPUID alone says it. */
  readonly size: (Site & { readonly struct: string }) | null;
  readonly fpu: { readonly support: FpuSupport; readonly isDynamic: boolean; readonly evidence: readonly Site[] };
  readonly supported: Support;
  /** The same for each vendor module of KVM's that the tree has. */
  readonly supportedBy: readonly { readonly vendor: string; readonly supported: Support }[];
  /** Where KVM says so. */
  readonly gate: Site | null;
  readonly conditions: readonly MaskChange[];
  /** Why it is not known what moves its registers, of a component that the register cache has slots for; empty for any other. */
  readonly unknown: readonly Reason[];
  /** Such slots may go to userspace, or come from it, by code that is not understood: where no way is known, it is not known whether there is one. */
  readonly isUserspaceOpen: boolean;
}

/** A rule that a guest's new XCR0 must keep, as KVM checks it. */
export interface Xcr0Rule extends Site {
  readonly function: string;
  /** The condition under which the value is refused. */
  readonly refused: Condition;
  readonly components: readonly string[];
}

/** All that is known of XSAVE state in a tree. */
export interface XsaveModel {
  readonly components: readonly XsaveComponent[];
  readonly masks: readonly GuestMask[];
  readonly transfers: readonly XsaveTransfer[];
  readonly settings: readonly XsaveSetting[];
  readonly rules: readonly Xcr0Rule[];
}
