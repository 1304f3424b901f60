import { explainAt } from '../../server/src/explain/explainAt.js';
import type { Explanation, OwnerLine } from '../../server/src/explain/explanation.js';
import { explanationText, phraseText, statementText } from '../../server/src/explain/explanationText.js';
import { lensesOf } from '../../server/src/explain/lenses.js';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import { registerNamed } from '../../server/src/model/query/registers.js';
import { sourceOf } from '../../server/src/model/query/text.js';
import type { RegisterModel, RegisterOwner } from '../../server/src/model/registerModel.js';
import { moveStatements, stateStatements } from '../model/lensStatements.js';

/** A lens with the word that it stands on. */
export interface PlacedLens {
  readonly path: string;
  readonly start: number;
  readonly name: string;
  readonly title: string;
}

/** All lenses of a tree. */
export function placedLenses(model: RegisterModel): PlacedLens[] {
  return [...model.files.keys()].flatMap((path) => {
    const text = sourceOf(model, path)?.text ?? '';
    return lensesOf(model, path, { everyFunction: false }).map(({ span: { start, end }, title }) => ({
      path,
      start,
      name: text.slice(start, end),
      title,
    }));
  });
}

/** What lenses say and the hovers at the words that they stand on, or `owner`, do not. */
export function hoverContradictions(model: RegisterModel, lenses: readonly PlacedLens[]): string[] {
  return lenses.flatMap((lens) => {
    const found = explainAt(model, lens.path, lens.start);
    if (!found) return [`${lens.path} ${lens.name}: the lens says "${lens.title}", the hover nothing`];
    const text = explanationText(found.explanation).replace(/\s+/g, ' ');
    const parts = lens.title.split(' · ').filter((part) => !/^\d+ (?:calls?|refs|references?\b.*)$/.test(part));
    const lacking = OWNERS.test(parts[0] ?? '')
      ? parts.flatMap((part) => ownerContradictions(model, lens.name, part, found.explanation))
      : parts.filter((part) => !text.includes(part) && !isSaidOtherwise(text, part));
    const denied = moveStatements(lens.title).length > 0 && text.includes('moves no guest register') ? ['denied'] : [];
    return [...lacking, ...denied].map((part) => `${lens.path} ${lens.name}: "${part}" of the lens, not: ${text}`);
  });
}

/** Whether a hover says in words of its own, or with the other side of VM-entry, what a part of a lens says. */
function isSaidOtherwise(hover: string, part: string): boolean {
  for (const [form, isSaid] of FORMS) {
    const match = form.exec(part);
    if (match) return isSaid(hover, match.slice(1));
  }
  const states = stateStatements(part);
  return states.length > 0 && states.every(({ state, move }) => hover.includes(state) && hover.includes(move));
}

/** Parts of a lens that hovers have other words for: whether one says what was found in the part. */
const FORMS: readonly (readonly [RegExp, (hover: string, found: readonly string[]) => boolean])[] = [
  [
    /^(reads|writes) (.+?)(?: of the emulator's copy)?$/,
    (hover, [access = '', names = '']) => isAccessSaid(hover, access, names),
  ],
  [
    /^VM-(entry loads|exit stores) (\d+) GPRs/,
    (hover, [side = '', count = '']) => hover.includes(`VM-${side} ${count}`),
  ],
  [/^(\d+) registers \(.*\) -> hardware/, (hover, [count = '']) => hover.includes(`VM-entry loads ${count}`)],
  [/^(\d+) registers \(.*\) <- hardware/, (hover, [count = '']) => hover.includes(`VM-exit stores ${count}`)],
  [
    /^(loads|stores) guest registers .* in (.+)$/,
    (hover, [verb = '', names = '']) => hasAll(hover, [verb, ...names.split(', ')]),
  ],
  [/^values that are not .* in (.+)$/, (hover, [names = '']) => hasAll(hover, names.split(', '))],
  [/^guests may enable it/, (hover) => !hover.includes("guests can't enable it")],
  [/^calls /, () => true],
  [/^sets (\w+)/, (hover, [name = '']) => hover.includes(name)],
];

function hasAll(hover: string, words: readonly string[]): boolean {
  return words.every((word) => hover.includes(word));
}

function isAccessSaid(hover: string, access: string, names: string): boolean {
  // Of a function that takes a number, the hover says what its callers have done.
  if (/^Any GPR: (?:read|written) by the number/.test(hover)) return names.startsWith('any GPR');
  const isDone = access === 'reads' ? /\bread\b/ : /\bwrit(?:e|ten)\b/;
  return isDone.test(hover) && (names === 'any GPR' ? hover.includes('ny GPR') : hasAll(hover, names.split(' ')));
}

/** The part of a register's lens that is about backends: `VMX, SVM: switched`. */
const OWNERS =
  /^(?:[\w-]+, )*[\w-]+: (?:switched|eager|lazy|direct|intercepted|protected|xsave|partial|not known|hardware|.*, (?:lazy|eager|direct)\b|GHCB|VMSA|TDVMCALL)/;

/** What the owners of a hover, and `owner`'s sentence, say to each way of being kept. */
const KEPT: readonly (readonly [RegExp, RegExp, RegExp])[] = [
  [/\bswitched\b/, /at VM-exit|at VM-entry|not known|missing/, /while the guest runs/],
  [
    /\beager\b/,
    /at VM-exit|at VM-entry|not known|missing|set by/,
    /at every VM-exit|at VM-entry|after VM-exit|before VM-entry|written through|never|not known/,
  ],
  [/\blazy\b/, /read when needed|not known|missing/, /read when needed|never read|not known/],
  [/\bdirect\b/, /not cached/, /not cached/],
  [/\bintercepted\b/, /trap|intercept/, /cache owns/],
  [/\bprotected\b/, /encrypted|not visible|protected|never/, /encrypted|not visible|protected/],
  [/\bnot known\b/, /not known/, /not known/],
];

/** What one part of a register's lens says of its backends, and its owner lines or sentences do not. */
function ownerContradictions(model: RegisterModel, name: string, part: string, { owners }: Explanation): string[] {
  const [, titles = '', words = ''] = /^([^:]+): (.*)$/.exec(part) ?? [];
  const register = registerNamed(model, name.replace(/^__/, ''));
  return titles.split(', ').flatMap((title) => {
    const line = owners.find((owner) => owner.title === title);
    const owner = register?.owners.find(({ backend }) => backend === line?.backend);
    if (!register || !line || !owner) return [`${title}: ${words}`];
    const isTrue = agrees(words, line, owner, ownerSummary(model, register, owner));
    return isTrue ? [] : [`${title}: ${words}`];
  });
}

function agrees(words: string, line: OwnerLine, { when, place }: RegisterOwner, sentence: string): boolean {
  const hover = [phraseText(line.kept), ...line.steps.map(statementText)].join(' ');
  const ways = KEPT.filter(([way]) => way.test(words));
  const condition = / if (.*?)(?:, incomplete)?$/.exec(words)?.[1] ?? null;
  const isOpen = words.includes(' under a condition');
  return (
    ways.every(([, inHover, inOwner]) => inHover.test(hover) && inOwner.test(sentence)) &&
    (condition === null ? isOpen === (when !== null) : when?.text === condition && line.when === condition) &&
    (!/\b(?:VMCS|VMCB|GHCB|VMSA)\b/.test(words) ||
      place.kind === 'unknown' ||
      hover.includes(words.split(/[ ,]/)[0] ?? ''))
  );
}
