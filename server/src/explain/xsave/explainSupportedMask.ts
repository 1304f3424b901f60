import { functionAt } from '../../model/query/functions.js';
import type { MaskCopy } from '../../model/query/maskCopies.js';
import { readersOf, type SupportedMask } from '../../model/query/supportedMasks.js';
import { sourceOf, type FileSpan } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { hasComponent } from '../../model/xsave/componentBits.js';
import type { GuestMask } from '../../model/xsave/xsaveModel.js';
import { conjunctionText } from '../../syntax/conditions/guard.js';
import { evidenceOf } from '../evidence.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from '../explanation.js';
import { memberUsePhrases } from '../memberUse.js';
import { functionsNotes, writerNotes } from '../writerNotes.js';
import { componentName } from './componentRows.js';

const REGISTERS: Readonly<Record<GuestMask['register'], string>> = { XCR0: 'XCR0', XSS: 'IA32_XSS' };

/** Functions that a note has room for. */
const MOST_READERS = 5;

/** A mask of what guests may set in XCR0 or IA32_XSS: what is in it, who fills it, and who asks it. */
export function explainSupportedMask(model: RegisterModel, at: FileSpan, supported: SupportedMask): Explanation {
  const text = sourceOf(model, at.file)?.text ?? '';
  const name = text.slice(at.start, at.end);
  return {
    subject: { kind: 'member', name },
    answer: statement([strong(name), ': ', ...whatItIs(model, supported), ...memberUsePhrases(text, at)]),
    owners: [],
    notes: [
      ...fillNotes(model, supported),
      ...functionsNotes(model, 'Read by ', readersOf(model, supported), MOST_READERS),
    ],
  };
}

/** A variable that begins as such a mask: which, and whether the code takes more out of it. */
export function explainMaskCopy(name: string, { mask, variable, giver, isChanged }: MaskCopy): Explanation {
  return {
    subject: { kind: 'place', name },
    answer: statement([
      strong(name),
      ': begins as ',
      code(variable),
      `, the bits of ${REGISTERS[mask.register]} that KVM lets guests set`,
      ...(giver === null ? [] : [', given by ', code(giver.name), giver.isChanging ? ', which may change it' : '']),
      isChanged ? '; may be changed in this function' : '',
    ]),
    owners: [],
    notes: [],
  };
}

function whatItIs({ xsave }: RegisterModel, { role, register, mask }: SupportedMask): Phrase[] {
  const title = REGISTERS[register];
  if (role === 'macro') {
    const bits = mask?.bits ?? null;
    const known = bits === null ? '' : `: ${namesIn(xsave.components, bits)}`;
    return [`the bits of ${title} that KVM can let guests set${known}`];
  }
  if (role === 'all')
    return [`the bits of ${title} that KVM lets guests set`, mask ? valueText(xsave.components, mask.value) : ''];
  const of: Phrase[] = mask?.variable ? [', of those in ', code(mask.variable)] : [];
  return [`the bits of ${title} that the vCPU's CPUID lets its guest set`, ...of];
}

/** `: FP, YMM; under conditions APX`; nothing where that is not known. */
function valueText(components: Components, { always, sometimes, unknown }: GuestMask['value']): string {
  if (unknown !== 0n) return '';
  if (sometimes === 0n) return `: ${namesIn(components, always)}`;
  const when = `under conditions ${namesIn(components, sometimes)}`;
  return always === 0n ? `: ${when}` : `: ${namesIn(components, always)}; ${when}`;
}

type Components = RegisterModel['xsave']['components'];

function namesIn(components: Components, bits: bigint): string {
  const names = components.filter(({ number }) => hasComponent(bits, number)).map(componentName);
  return names.length === 0 ? 'none' : names.join(', ');
}

function fillNotes(model: RegisterModel, { role, mask, word }: SupportedMask): Statement[] {
  if (role === 'vcpu') return writerNotes(model, word);
  if (role === 'macro' || !mask) return [];
  const set = mask.set ? [setNote(model, mask, mask.set)] : [];
  return [...set, ...mask.changes.map((change) => changeNote(model, change))];
}

function setNote(model: RegisterModel, { macro }: GuestMask, set: NonNullable<GuestMask['set']>): Statement {
  const by = functionAt(model, set.file, set.offset)?.name;
  return statement(
    [
      'Set',
      ...(by === undefined ? [] : [' by ', code(by)]),
      ...(macro ? [' to what of ', code(macro.name), ' the host has enabled'] : []),
    ],
    [evidenceOf(set)],
  );
}

function changeNote({ xsave }: RegisterModel, change: GuestMask['changes'][number]): Statement {
  const isAdded = change.added !== 0n;
  const names = namesIn(xsave.components, isAdded ? change.added : change.cleared);
  const when: Phrase[] = change.guards.length > 0 ? [' if ', code(conjunctionText(change.guards))] : [];
  return statement(
    [`${names} ${isAdded ? 'added' : 'taken out'} by `, code(change.function), ...when],
    [evidenceOf(change)],
  );
}
