import { backendOfFile } from '../model/query/backends.js';
import type { SegmentNumber, SegmentUse } from '../model/query/segmentNumbers.js';
import type { SegmentPart } from '../model/query/segmentParts.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { memberUsePhrases } from './memberUse.js';
import { ownerLines } from './ownerLines.js';

/** The number of a segment register. */
export function explainSegment(
  model: RegisterModel,
  path: string,
  { segment, number, declared, register, use }: SegmentNumber,
): Explanation {
  const part = register ? `, which ${register.register} of the register enum stands for` : '';
  return {
    subject: { kind: 'register', name: segment },
    answer: statement(
      [strong(segment), `: a segment register${part}; its number, ${String(number)}`, ...usePhrases(use)],
      [lineEvidence(model, declared.file, declared.start)],
    ),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }) : [],
    notes: [],
  };
}

function usePhrases(use: SegmentUse | null): Phrase[] {
  if (use === null) return [];
  return [USE_WORDS[use.kind], ...(use.other === '' ? [] : [code(use.other)])];
}

const USE_WORDS: Readonly<Record<SegmentUse['kind'], string>> = {
  handed: ', handed to ',
  element: ', picks its element of ',
  compared: ', compared here with ',
  assigned: ', given here to ',
  case: ', a case here',
};

/** A variable or a member that is a segment register, a part of one, several of them, or says which. */
export function explainSegmentPart(model: RegisterModel, at: FileSpan, part: SegmentPart): Explanation {
  const text = sourceOf(model, at.file)?.text ?? '';
  const name = text.slice(at.start, at.end);
  const { register } = part;
  return {
    subject: { kind: 'register', name },
    answer: statement([
      strong(name),
      `: ${partWords(part, name)}`,
      ...numberPhrases(part),
      ...memberUsePhrases(text, at),
    ]),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, at.file), isShort: true }) : [],
    notes: [],
  };
}

function partWords({ role, isInVmcb, register }: SegmentPart, name: string): string {
  const of = register ? ` (of ${register.register})` : '';
  const where = isInVmcb ? " in a VMCB's save area" : ' as KVM describes one, struct kvm_segment';
  switch (role) {
    case 'part':
      return `${PARTS.get(name) ?? 'one of the access rights'} of a segment register${of}${where}`;
    case 'whole':
      return `a segment register${of}${where}`;
    case 'kept':
      return `segment registers${of} that KVM keeps aside, as it describes them, no part of the register cache`;
    case 'table':
      return `for each segment register${of} the fields of the VMCS that have its selector, base, limit and access rights`;
    case 'number':
      return `the number of a segment register${of}`;
  }
}

/** The members of both structs beside those that are access rights. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ['base', 'the base'],
  ['limit', 'the limit'],
  ['selector', 'the selector'],
  ['attrib', 'the access rights'],
  ['padding', 'a member without meaning'],
]);

function numberPhrases({ callee }: SegmentPart): Phrase[] {
  return callee === null ? [] : [', handed to ', code(callee)];
}
