import { conjunctionText, guardParts } from '../../syntax/conditions/guard.js';
import { evidenceText } from '../explanation.js';
import { hasComponent } from '../../model/xsave/componentBits.js';
import type { GuestMask, Xcr0Rule, XsaveModel } from '../../model/xsave/xsaveModel.js';
import { componentName } from './componentRows.js';

/** What a mask is made of, and what is taken out of it again. */
export function maskLines(all: XsaveModel, { register, macro, variable, bits, set, changes }: GuestMask): string[] {
  const model = { components: all.components.filter(({ enabledIn }) => (enabledIn ?? register) === register) };
  if (bits === 0n && !macro)
    return [
      `nothing: ${variable ?? 'its mask'} is 0 ${[...(set ? [set] : []), ...changes].map(evidenceText).join(' ')}`,
    ];
  const base = macro
    ? `${macro.name} ${evidenceText(macro)}, of that what the host has enabled`
    : baseWithoutMacro(model, bits);
  const kept = variable !== null && set ? `: ${variable} ${evidenceText(set)}` : '';
  return [
    base + kept,
    ...changes.map((change) => {
      const [cleared, added] = [namesIn(model, change.cleared), namesIn(model, change.added)];
      const isAll = bits !== null && (bits & ~change.cleared) === 0n;
      const without = isAll ? 'none' : `without ${cleared.join(', ')}`;
      const what = added.length > 0 ? `with ${added.join(', ')}` : without;
      const when = change.guards.length > 0 ? ` if ${conjunctionText(change.guards.flatMap(guardParts))}` : '';
      return `${what}${when}: ${change.function} ${evidenceText(change)}`;
    }),
  ];
}

function namesIn({ components }: Pick<XsaveModel, 'components'>, bits: bigint): string[] {
  return components.filter(({ number }) => hasComponent(bits, number)).map(componentName);
}

/** The mask where no macro names it: its components. */
function baseWithoutMacro(model: Pick<XsaveModel, 'components'>, bits: GuestMask['bits']): string {
  if (bits === null) return 'not known: what it is given cannot be computed';
  return `${namesIn(model, bits).join(', ')}, of that what the host has enabled`;
}

/** The rules for a new XCR0 by the function that has them. */
export function rulesByFunction(rules: readonly Xcr0Rule[]): (readonly [string, readonly string[]])[] {
  const names = [...new Set(rules.map((rule) => rule.function))];
  return names.map((name) => [
    name,
    rules.filter((rule) => rule.function === name).map((rule) => `${rule.refused.text} ${evidenceText(rule)}`),
  ]);
}
