import { isOpen } from '../backends/owner.js';
import type { Finding, Rule } from '../check/finding.js';
import { evidenceText, shortPath } from '../explain/explanation.js';
import { missingText } from '../explain/missingWords.js';
import { firstReason, reasonText } from '../explain/unknownWords.js';
import { wordsOf, type Words } from '../explain/words.js';
import { isClosedOn, isKept, type EgprRegister } from '../model/egpr/egprRegister.js';
import type { MissingPart } from '../model/egpr/missingParts.js';
import type { RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { countText } from '../explain/counts.js';
import { registerNames } from '../syntax/x86/registerNames.js';

/** Files that are named; the rest of a long list is counted. */
const FILES_NAMED = 3;

/**
 * What a series that gives guests R16-R31 has yet to do in a tree, a line each: first what their owners lack, then the places
 * that hold 16 registers, a line for each rule.
 */
export function seriesLeft(model: RegisterModel, findings: readonly Finding[], rules: readonly Rule[]): string[] {
  return [...lacks(model), ...rules.flatMap((rule) => ruleLine(rule, findings))];
}

function ruleLine({ id, task }: Rule, findings: readonly Finding[]): string[] {
  const own = findings.filter(({ rule }) => rule === id);
  if (own.length === 0 || task === undefined) return [];
  const files = [...new Set(own.map(({ file }) => shortPath(file)))];
  const named = files.slice(0, FILES_NAMED);
  const others = files.length > named.length ? [countText(files.length - named.length, 'other file')] : [];
  return [`${task}: ${countText(own.length, 'place')} in ${listed([...named, ...others])} [${id}]`];
}

/** `a`, `a and b`, `a, b and c` */
function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** What the owners of R16-R31 lack: each lack once, with the registers and the backends that have it. */
function lacks(model: RegisterModel): string[] {
  const words = wordsOf(model);
  const found = new Map<string, { readonly registers: Set<string>; readonly backends: Set<string> }>();
  for (const { register, egpr, owners } of model.registers) {
    for (const owner of egpr ? owners : []) {
      for (const lack of lacksOf(words, egpr, owner)) {
        const known = found.get(lack) ?? { registers: new Set(), backends: new Set() };
        found.set(lack, known);
        known.registers.add(register);
        known.backends.add(words.backend(owner.backend));
      }
    }
  }
  return [...found].map(
    ([lack, { registers, backends }]) => `${registerNames([...registers])} on ${listed([...backends])}: ${lack}`,
  );
}

function lacksOf(words: Words, egpr: EgprRegister | null, owner: RegisterOwner): string[] {
  const { backend, sync, missing, unknown } = owner;
  if (!egpr || egpr.protectedBackends.has(backend)) return [];
  const isClosed = sync === 'none' && isClosedOn(egpr, backend);
  const closed = egpr.dropped.get(backend);
  const reason = isOpen(unknown) ? firstReason(unknown) : null;
  return [
    ...(isKept(egpr) || reason
      ? []
      : ['KVM keeps them nowhere', ...unkeptParts(egpr).map((part) => missingText(words, part))]),
    ...(isKept(egpr) && isClosed
      ? [
          closed
            ? `not switched, APX is taken out of what guests may enable ${evidenceText(closed)}`
            : "not switched, its guests can't enable APX",
        ]
      : []),
    ...missing.map((part) => missingText(words, part)),
    ...(reason ? [`not known: ${reasonText(reason)}`] : []),
  ];
}

/** What there is to do around registers that KVM does not keep. */
function unkeptParts({ state: { component, hasComponents, supported } }: EgprRegister): MissingPart[] {
  return [
    ...(!component && hasComponents ? [{ kind: 'no-component' } as const] : []),
    ...(supported && !supported.holdsComponent ? [{ kind: 'not-enabled', mask: supported.name } as const] : []),
  ];
}
