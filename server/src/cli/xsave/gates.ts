import { shownGuard } from '../../syntax/conditions/guard.js';
import { evidenceText } from '../../explain/explanation.js';
import { hasComponent } from '../../model/xsave/componentBits.js';
import type { GuestMask, Xcr0Rule, XsaveModel } from '../../model/xsave/xsaveModel.js';
import { shortName } from './rows.js';

/** What a mask is made of, and what is taken out of it again. */
export function maskLines(model: XsaveModel, { macro, variable, bits, set, changes }: GuestMask): string[] {
  if (bits === 0n && !macro)
    return [
      `nothing: ${variable ?? 'its mask'} is 0 ${[...(set ? [set] : []), ...changes].map(evidenceText).join(' ')}`,
    ];
  const base = macro
    ? `${macro.name} ${evidenceText(macro)}, of that what the host has enabled`
    : baseWithoutMacro(bits);
  const kept = variable !== null && set ? `: ${variable} ${evidenceText(set)}` : '';
  return [
    base + kept,
    ...changes.map((change) => {
      const namesOf = (bits: bigint) =>
        model.components.filter(({ number }) => hasComponent(bits, number)).map(shortName);
      const [cleared, added] = [namesOf(change.cleared), namesOf(change.added)];
      const without = cleared.length === model.components.length ? 'none' : `without ${cleared.join(', ')}`;
      const what = added.length > 0 ? `with ${added.join(', ')}` : without;
      const when = change.guards.length > 0 ? ` if ${change.guards.map(shownGuard).join(' && ')}` : '';
      return `${what}${when}: ${change.function} ${evidenceText(change)}`;
    }),
  ];
}

/** The mask where no macro names it. */
function baseWithoutMacro(bits: GuestMask['bits']): string {
  return bits === null ? 'not known: what it is given cannot be computed' : `0x${bits.toString(16)}`;
}

/** The rules for a new XCR0 by the function that has them. */
export function rulesByFunction(rules: readonly Xcr0Rule[]): (readonly [string, readonly string[]])[] {
  const names = [...new Set(rules.map((rule) => rule.function))];
  return names.map((name) => [
    name,
    rules.filter((rule) => rule.function === name).map((rule) => `${rule.refused.text} ${evidenceText(rule)}`),
  ]);
}
