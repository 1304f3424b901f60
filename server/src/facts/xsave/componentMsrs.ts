import { literalsOf, type Guard } from '../../syntax/conditions/guard.js';

/**
 * The MSRs that are registers of XSAVE components, by the kernel's names (asm/msr-index.h): the component's number (SDM vol. 1,
 * 13.5.9: CET; 13.5.10: PASID) and the MSR's own (SDM vol. 4, table 2-2).
 */
const COMPONENT_MSRS: ReadonlyMap<string, { readonly component: number; readonly number: bigint }> = new Map([
  ['MSR_IA32_PASID', { component: 10, number: 0xd93n }],
  ['MSR_IA32_U_CET', { component: 11, number: 0x6a0n }],
  ['MSR_IA32_PL3_SSP', { component: 11, number: 0x6a7n }],
  ['MSR_IA32_PL0_SSP', { component: 12, number: 0x6a4n }],
  ['MSR_IA32_PL1_SSP', { component: 12, number: 0x6a5n }],
  ['MSR_IA32_PL2_SSP', { component: 12, number: 0x6a6n }],
]);

/** Whether a word is the name of an MSR that is a component's register. */
export function isComponentMsr(word: string): boolean {
  return COMPONENT_MSRS.has(word);
}

/**
 * The numbers of the components that an access to an MSR may be of: by the MSR's name where it is one, else by the `case`s and
 * comparisons that the access is under. Each once, in their order; empty where neither names a component's register.
 */
export function componentsOfMsr(msr: string, guards: readonly Guard[]): number[] {
  const named = COMPONENT_MSRS.get(msr);
  const found = named ? [named.component] : namesTested(guards).flatMap(componentsOfLabel);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** What guards say that a value is: the labels of a `switch`, and what `==` compares it with. */
function namesTested(guards: readonly Guard[]): string[] {
  const labels = guards.flatMap((guard) => (guard.kind === 'case' ? guard.labels.flatMap((label) => label ?? []) : []));
  const compared = literalsOf(guards).flatMap(({ atom, holds }) =>
    holds && atom.kind === 'comparison' && atom.operator === '==' ? [atom.left, atom.right] : [],
  );
  return [...labels, ...compared];
}

/** The components of one label, which may be a range: `MSR_IA32_PL0_SSP ... MSR_IA32_PL3_SSP`. */
function componentsOfLabel(label: string): number[] {
  const [first, last] = label.split('...').map((end) => COMPONENT_MSRS.get(end.trim()));
  if (!first) return [];
  if (!label.includes('...')) return [first.component];
  // Of a range whose end is no register of a component, as MSR_IA32_INT_SSP_TAB, the beginning is.
  const end = last?.number ?? EVERY_NUMBER;
  return [...COMPONENT_MSRS.values()]
    .filter(({ number }) => number >= first.number && number <= end && number - first.number < LONGEST_RANGE)
    .map(({ component }) => component);
}

const EVERY_NUMBER = (1n << 32n) - 1n;

/** MSRs of one kind have numbers close to each other. */
const LONGEST_RANGE = 16n;
