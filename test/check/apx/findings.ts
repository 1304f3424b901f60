import { APX_RULES } from '../../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../../server/src/check/checkTree.js';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { lineAt } from '../../../server/src/syntax/text/sourceText.js';

/** What the APX rules find, a line each: `arch/x86/kvm/smm.c:234 apx/bound`. */
export function apxFindings(model: RegisterModel): string[] {
  return checkTree(model, APX_RULES).map(({ file, span, rule }) => {
    const source = model.files.get(file)?.source;
    if (!source) throw new Error(`a finding in ${file}, which is not in the tree`);
    return `${file}:${String(lineAt(source, span.start))} ${rule}`;
  });
}
