import { offsetIn } from '../model/callGraph.js';
import { asmFunctionsIn } from '../model/query/assembly.js';
import { exitTitleOf, fieldDescription } from '../model/query/backends.js';
import { argumentTexts } from '../model/query/callText.js';
import { functionAt, functionText, functionVisibleIn, isInC } from '../model/query/functions.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';
import { behindPhrase } from './words.js';

/**
 * On which side of a VM-entry an instruction that loads or saves state beside it stands, and at which address: `; here at
 * SVM_vmcb01_pa, before VM-entry`; nothing for a name that is no instruction, nor a call of its function, there.
 */
export function stateAddressPhrases(model: RegisterModel, at: FileSpan): Phrase[] {
  const text = sourceOf(model, at.file)?.text ?? '';
  const name = text.slice(at.start, at.end);
  if (!/^[a-z]+$/.test(name) || fieldDescription(model, name) === null) return [];
  const inAssembly = asmFunctionsIn(model, at.file).find(
    ({ asm }) => asm.offset <= at.start && at.start < asm.end,
  )?.asm;
  if (inAssembly) {
    const { entry, offset } = inAssembly;
    if (!entry) return [];
    const side = at.start > entry.offset ? `after ${exitTitleOf(model, inAssembly)}` : 'before VM-entry';
    const address = loadedAddress(text.slice(offset, at.start), text.slice(at.end, at.end + LONGEST_OPERAND));
    return address === null ? [`; here ${side}`] : ['; here at ', code(address), `, ${side}`];
  }
  const fn = functionAt(model, at.file, at.start);
  const [given, another] = argumentTexts(text, at.start);
  if (!fn || given === undefined || another !== undefined || !isOfInstruction(model, at.file, name)) return [];
  return ['; here at ', code(given), behindPhrase(model.phases.at(fn, offsetIn(fn, at.start)))];
}

/** Whether a function is there for an instruction of its name: `svm_asm1(vmload, "a" (pa), "memory")`. */
function isOfInstruction(model: RegisterModel, path: string, name: string): boolean {
  const node = functionVisibleIn(model, name, path);
  return node !== null && isInC(node) && functionText(model, node).includes('asm');
}

/** Characters of an operand, up to its line's end. */
const LONGEST_OPERAND = 40;

/** What the register that an instruction is given was loaded from last, as written: the symbol of `mov SVM_vmcb01_pa(%_ASM_DI), %_ASM_AX`; null where that was done otherwise. */
function loadedAddress(before: string, behind: string): string | null {
  const [register] = (behind.split('\n', 1)[0] ?? '').trim().split(/\s/);
  const last = before
    .split('\n')
    .map((line) => line.trim().replace(/^\w+:\s*/, ''))
    .findLast((line) => line.endsWith(` ${register ?? ''}`));
  return /^mov\w*\s+(\w+)\(%/.exec(last ?? '')?.[1] ?? null;
}
