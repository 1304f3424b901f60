import type { RegisterModel } from '../server/src/model/registerModel.js';
import { guardText } from '../server/src/syntax/conditions/guard.js';
import { locationAt } from '../server/src/syntax/text/sourceText.js';

/** Each reference of a file in a line: `3:9 read VCPU_REGS_RAX in f if a`. */
export function referenceLines(model: RegisterModel, path: string): string[] {
  const file = model.files.get(path);
  return (file?.references ?? []).map((reference) => {
    const { line, column } = file ? locationAt(file.source, reference.start) : { line: 0, column: 0 };
    const { kind, register, function: within, guards } = reference;
    return [
      `${line}:${column} ${kind} ${register ?? 'null'} in ${within ?? 'no function'}`,
      ...guards.map(guardText),
    ].join(' if ');
  });
}
