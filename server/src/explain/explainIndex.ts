import type { Reference, ReferenceKind } from '../facts/registers/reference.js';
import type { RuntimeIndex } from '../facts/registers/runtimeIndex.js';
import type { Place } from '../backends/place.js';
import { fileOffset } from '../model/callGraph.js';
import { argumentTexts } from '../model/query/callText.js';
import { functionAt } from '../model/query/functions.js';
import { handedTo } from '../model/query/handedCalls.js';
import { sourceOf } from '../model/query/text.js';
import { valueAbove } from '../model/query/valueAbove.js';
import { GPRS } from '../syntax/x86/registers.js';
import { memberNamed } from '../model/query/registers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { widthsOfReference, type NumberWidth } from '../model/query/numberWidths.js';
import { conditionPhrases } from './conditionPhrases.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { isOfEmulator } from './functionUseWords.js';
import { reachText } from './numberWords.js';
import { placePhrases } from './transferPhrases.js';
import { wordsOf } from './words.js';

/** What a reference in a file says whose register only run time knows: which it can be, and how the number is decoded. */
export function explainIndex(model: RegisterModel, path: string, reference: Reference): Explanation {
  if (!reference.index) return explainClear(reference);
  const { bits, shift, text, counts } = reference.index;
  if (counts) return explainCounter(model, path, reference, counts);
  const known = widthsOfReference(model, path, reference);
  const field = bits !== null && shift !== null ? `, bits ${String(shift + bits - 1)}:${String(shift)}` : '';
  const reach = known.length === 0 ? [] : [` (${reachText(known)})`];
  return {
    subject: { kind: 'index', name: reference.via },
    answer: statement([
      strong(/^(?:mark|test)-/.test(reference.kind) ? 'Any register' : 'Any GPR'),
      `: ${kindWord(reference)}${copyOf(model, reference)}`,
      ...movedPhrases(model, path, reference),
      ...givenPhrases(model, path, reference),
      ', number from ',
      code(text),
      field,
      ...reach,
      ...conditionPhrases(model, reference.guards),
    ]),
    owners: [],
    notes: [],
  };
}

/** What a function returns whose result is a register's number. */
export function explainDecoder(name: string, widths: readonly NumberWidth[]): Explanation {
  return {
    subject: { kind: 'function', name },
    answer: statement([strong(name), `: returns the number of a GPR, ${reachText(widths)}`]),
    owners: [],
    notes: [],
  };
}

/** Whose copy of the registers is meant, where that is not the register cache. */
function copyOf(model: RegisterModel, reference: Reference): string {
  return isOfEmulator(model, reference) ? " in the emulator's copy" : '';
}

/** Where the statement moves the register to or from, whichever it is: `, to SMRAM, smram64.gprs[15 - i]`. */
function movedPhrases(model: RegisterModel, path: string, { start, statement: begin }: Reference): Phrase[] {
  const fn = functionAt(model, path, start);
  const move = fn?.c.moves.find(
    (one) => fileOffset(fn, one.statement) === begin && one.from !== null && one.to !== null,
  );
  if (!move?.from || !move.to) return [];
  const isCopy = ({ kind }: Place) => kind === 'cache' || kind === 'emulator';
  if (isCopy(move.from) === isCopy(move.to)) return [];
  const [way, other] = isCopy(move.from) ? ['to', move.to] : ['from', move.from];
  return [`, ${way} `, ...placePhrases(wordsOf(model), other)];
}

/** What a register is given that is chosen at run time, or who gets its value: `, with val, which is kvm_read_cr3(vcpu)`, `, handed to put_smstate`. */
function givenPhrases(model: RegisterModel, path: string, { kind, callee }: Reference): Phrase[] {
  if (!callee || (kind !== 'write' && kind !== 'read')) return [];
  const to = kind === 'read' ? handedTo(model, path, callee.start) : null;
  if (to !== null) return [', handed to ', code(to)];
  const given = kind === 'write' ? argumentTexts(sourceOf(model, path)?.text ?? '', callee.start).at(-1) : undefined;
  const value = given === undefined ? null : valueAbove(model, path, callee.start, given);
  return given === undefined || value === null ? [] : [', with ', code(given), ', which is ', code(value)];
}

/** A loop over registers. */
function explainCounter(
  model: RegisterModel,
  path: string,
  reference: Reference,
  counts: NonNullable<RuntimeIndex['counts']>,
): Explanation {
  const name = (number: number | null) => (number === null ? undefined : GPRS[number]);
  const [first, last] = [name(counts.first), name(counts.last)];
  const range =
    first !== undefined && last !== undefined ? `, ${first}-${last}` : first !== undefined ? `, from ${first} on` : '';
  return {
    subject: { kind: 'index', name: reference.via },
    answer: statement([
      strong(counts.first === null || counts.first === 0 ? 'Every GPR in turn' : 'GPRs in turn'),
      `${range}: ${kindWord(reference)}${copyOf(model, reference)}`,
      ...movedPhrases(model, path, reference),
      ...givenPhrases(model, path, reference),
      ', number counted by ',
      code(reference.via),
    ]),
    owners: [],
    notes: [],
  };
}

/** `memset(vcpu->arch.regs, 0, ...)`, `&vcpu->arch.regs` */
function explainClear(reference: Reference): Explanation {
  if (reference.kind === 'address') {
    const given: Phrase[] = reference.callee === undefined ? [] : [', handed to ', code(reference.callee.name)];
    return {
      subject: { kind: 'reference', name: reference.via },
      answer: statement([
        strong('Every GPR'),
        ': the address of the register cache, ',
        code('vcpu->arch.regs[]'),
        ...given,
      ]),
      owners: [],
      notes: [],
    };
  }
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement([strong('Every GPR'), ': set to zero in the register cache, ', code('vcpu->arch.regs[]')]),
    owners: [],
    notes: [statement(['This clears, it brings no value in: what is not written after it reads as 0.'])],
  };
}

function kindWord(reference: Reference): string {
  const words: Partial<Record<ReferenceKind, string>> = {
    read: 'read',
    write: 'written',
    readwrite: 'changed',
    address: 'its address',
    'mark-available': 'marked available',
    'mark-dirty': 'marked dirty',
    'mark-reload': 'marked for reload',
    'test-available': 'tested for being available',
    'test-dirty': 'tested for being dirty',
  };
  return words[reference.kind] ?? reference.kind;
}

/** NR_VCPU_REGS and the like: how many registers come before. */
export function explainCount(model: RegisterModel, reference: Reference): Explanation {
  const member = memberNamed(model, reference.via);
  const before = member?.index ?? null;
  const evidence = member?.declared ? [{ file: member.declared.file, line: member.declared.line }] : [];
  return {
    subject: { kind: 'reference', name: reference.via },
    answer: statement(
      [
        strong(reference.via),
        before === null
          ? ': an end marker of the register enum'
          : `: ${String(before)}, an end marker of the register enum, no register`,
      ],
      evidence,
    ),
    owners: [],
    notes: [],
  };
}
