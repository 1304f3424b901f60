import { GPRS } from '../syntax/x86/registers.js';
import type { NumberWidth } from '../model/query/numberWidths.js';

/** `4 bits`, `4 bits, 5 if wide`, and `4 or 5 bits` where it is not known when; '' for no width. */
export function widthText(widths: readonly NumberWidth[]): string {
  const [first, ...wider] = widths;
  if (!first) return '';
  if (wider.some(({ condition }) => condition === null))
    return `${widths.map(({ bits }) => String(bits)).join(' or ')} bits`;
  return [
    `${String(first.bits)} bits`,
    ...wider.map(({ bits, condition }) => `${String(bits)} if ${condition ?? ''}`),
  ].join(', ');
}

/** The same, with the registers that such numbers reach: `4 bits: RAX-R15; R16-R31 need a fifth`. */
export function reachText(widths: readonly NumberWidth[]): string {
  const widest = widths.at(-1)?.bits ?? 0;
  if (widths.length > 1) return widthText(widths);
  const last = GPRS[2 ** widest - 1] ?? 'R31';
  return `${widthText(widths)}: RAX-${last}${widest === 4 ? '; R16-R31 need a fifth' : ''}`;
}
