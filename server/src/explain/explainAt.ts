import { asmMovesAt } from '../model/query/assembly.js';
import { definitionAt, type Definition } from '../model/query/definitionAt.js';
import { referencesIn } from '../model/query/references.js';
import { sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { Span } from '../syntax/text/sourceText.js';
import { explainHanded } from './explainHanded.js';
import { explainIndexedFunction, explainWrapper } from './explainAccessors.js';
import { explainAssembly, explainAssemblyMacro } from './explainAssembly.js';
import { explainBitMask } from './explainBitMask.js';
import { explainCondition, explainConditionCopy } from './explainCondition.js';
import { explainCopy, explainCopyVariable } from './explainCopy.js';
import { explainEgprAccess, explainEgprNumber } from './explainEgpr.js';
import { explainEntry, explainExitLabel, explainField } from './explainEntry.js';
import { explainDecoder } from './explainIndex.js';
import { explainFunction } from './explainFunction.js';
import { explainHardwareAccess } from './explainHardwareAccess.js';
import { explainInstructionOperand } from './explainInstructionOperand.js';
import { explainLocalArray } from './explainLocalArray.js';
import { explainMember } from './explainMember.js';
import { memberUsePhrases } from './memberUse.js';
import { explainOperation } from './explainOperation.js';
import { explainNamedPlace, explainPlace } from './explainPlace.js';
import { explainReference } from './explainReference.js';
import { explainRegisterSteps } from './explainRegisterSteps.js';
import { explainRoleBit } from './explainRoleBit.js';
import { explainRunField } from './explainRunField.js';
import { explainSegment, explainSegmentPart } from './explainSegment.js';
import { explainSet } from './explainSet.js';
import { explainArrayOffset, explainNumberMacro, explainSlotOffset } from './explainSymbol.js';
import { explainTraceField } from './explainTrace.js';
import { explainVariable } from './explainVariable.js';
import { explainWorldSwitch } from './explainWorldSwitch.js';
import type { Explanation } from './explanation.js';
import { explainXsaveIoctl, explainXsaveState } from './xsave/explainXsave.js';
import { explainXsaveFunction } from './xsave/explainXsaveFunction.js';
import { explainMaskCopy, explainSupportedMask } from './xsave/explainSupportedMask.js';
import { explainXsaveVariable } from './xsave/explainXsaveVariable.js';

/** An explanation with the token that it is about. */
interface ExplanationAt extends Span {
  readonly explanation: Explanation;
}

/** What is known of the token at an offset of a file; null where that is nothing. */
export function explainAt(model: RegisterModel, path: string, offset: number): ExplanationAt | null {
  const definition = definitionAt(model, path, offset);
  const explanation = definition && explainDefinition(model, definition);
  return explanation && { start: definition.token.start, end: definition.token.end, explanation };
}

/** What is known of a line, 1-based: of its first reference, else of its first word that means something. */
export function explainLine(model: RegisterModel, path: string, line: number): ExplanationAt | null {
  const source = sourceOf(model, path);
  const start = source?.lineStarts[line - 1];
  if (!source || start === undefined) return null;
  const end = source.lineStarts[line] ?? source.text.length;
  const reference = referencesIn(model, path).find((r) => r.start >= start && r.start < end);
  if (reference) return explainAt(model, path, startOfUse(model, path, reference.start));
  for (const match of source.text.slice(start, end).matchAll(/[A-Za-z_]\w*/g)) {
    const found = explainAt(model, path, start + match.index);
    if (found) return found;
  }
  return null;
}

/** Where the use of an assembly macro begins that moves several registers, one of them at an offset; else the offset. */
function startOfUse(model: RegisterModel, path: string, offset: number): number {
  const moves = asmMovesAt(model, path, offset);
  return moves?.macro && moves.transfers.length > 1 ? moves.transfers[0].instruction.start : offset;
}

/** What is known of a definition; null for a word that says nothing of registers. */
export function explainDefinition(model: RegisterModel, definition: Definition): Explanation | null {
  const { token, name } = definition;
  switch (definition.kind) {
    case 'reference':
      return explainReference(model, token.file, definition.reference);
    case 'set':
      return explainSet(model, definition.set);
    case 'world-switch':
      return explainWorldSwitch(model, definition.fn);
    case 'number-macro':
      return explainNumberMacro(model, definition);
    case 'slot-offset':
      return explainSlotOffset(definition.slot);
    case 'array-offset':
      return explainArrayOffset(model, name, definition.slots);
    case 'assembly':
      return explainAssembly(model, name, definition.moves);
    case 'assembly-macro':
      return explainAssemblyMacro(model, name, definition);
    case 'egpr-access':
      return explainEgprAccess(model, token.file, definition);
    case 'egpr-number':
      return explainEgprNumber(model, token.file, definition.register);
    case 'indexed-function':
      return explainIndexedFunction(model, definition.indexed);
    case 'function':
      return explainFunction(model, definition.node, token);
    case 'xsave-function':
      return explainXsaveFunction(model, definition);
    case 'wrapper':
      return explainWrapper(model, definition.wrapper);
    case 'operation':
      return explainOperation(model, token, definition);
    case 'xsave-state':
      return explainXsaveState(model, definition.state, {
        isShared: definition.isShared,
        use: memberUsePhrases(sourceOf(model, token.file)?.text ?? '', token),
      });
    case 'xsave-variable':
      return explainXsaveVariable(model, name, definition.variable);
    case 'supported-mask':
      return explainSupportedMask(model, token, definition.supported);
    case 'mask-copy':
      return explainMaskCopy(name, definition.copy);
    case 'xsave-ioctl':
      return explainXsaveIoctl(model, name, definition.transfers);
    case 'place':
      return explainPlace(model, name, definition.uses);
    case 'variable':
      return explainVariable(model, token, name, definition.variable);
    case 'local-array':
      return explainLocalArray(model, token, name, definition.array);
    case 'trace-field':
      return explainTraceField(model, name, definition.field);
    case 'named-place':
      return explainNamedPlace(model, token, definition.named);
    case 'entry':
      return explainEntry(model, name, definition.backends);
    case 'register-steps':
      return explainRegisterSteps(model, name, definition.steps);
    case 'exit-label':
      return explainExitLabel(model, name, definition.fn);
    case 'field':
      return explainField(model, token, name, definition.words);
    case 'hardware-access':
      return explainHardwareAccess(model, token, name, definition.access);
    case 'member':
      return explainMember(model, token, definition.member);
    case 'decoder':
      return explainDecoder(name, definition.widths);
    case 'register-copy':
      return explainCopy(model, token, definition.copy);
    case 'copy-variable':
      return explainCopyVariable(model, name, definition.variable);
    case 'segment-number':
      return explainSegment(model, token.file, definition.segment);
    case 'segment-part':
      return explainSegmentPart(model, token, definition.part);
    case 'condition':
      return explainCondition(model, token, name, definition);
    case 'condition-copy':
      return explainConditionCopy(model, token, name, definition.copies);
    case 'handed-register':
      return explainHanded(model, token.file, name, definition.handed);
    case 'bit-mask':
      return explainBitMask(model, token, definition.mask);
    case 'run-field':
      return explainRunField(model, name, token, definition.field);
    case 'role-bit':
      return explainRoleBit(model, name, token, definition.bit);
    case 'instruction-operand':
      return explainInstructionOperand(name, definition.operand);
    case 'other':
      return null;
  }
}
