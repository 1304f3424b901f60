import { guardText } from '../syntax/conditions/guard.js';
import type { Reference } from '../facts/registers/reference.js';
import { membersNamed } from '../explain/registerNames.js';
import type { ModelFile, RegisterModel } from '../model/registerModel.js';
import { lineAt, locationAt } from '../syntax/text/sourceText.js';

/** A reference in the contract's form. */
export interface RefJson {
  readonly register: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly kind: string;
  readonly via: string;
  readonly function: string | null;
  readonly guards: readonly string[];
  readonly indirect?: true;
  readonly statement?: number;
}

/** Every reference to the named registers (all when none is named), in the order of files and lines. */
export function refsJson(model: RegisterModel, names: readonly string[] = []): RefJson[] {
  const wanted = names.length > 0 ? membersNamed(model, names) : null;
  return [...model.files.values()].flatMap((file) =>
    file.references
      .filter((reference) => wanted === null || (reference.register !== null && wanted.has(reference.register)))
      .map((reference) => refJson(file, reference)),
  );
}

function refJson(file: ModelFile, reference: Reference): RefJson {
  return {
    register: reference.register,
    ...locationAt(file.source, reference.start),
    kind: reference.kind,
    via: reference.via,
    function: reference.function,
    guards: reference.guards.map(guardText),
    ...(reference.isIndirect ? { indirect: true as const } : {}),
    ...(isInAssembly(reference) ? { statement: lineAt(file.source, reference.statement) } : {}),
  };
}

/** Whether a reference is an operand of an instruction, which may begin on an earlier line. */
function isInAssembly({ kind }: Reference): boolean {
  return kind === 'asm-load' || kind === 'asm-store';
}

/** A reference as a line that editors jump from: `FILE:LINE:COLUMN: kind register via function`. */
export function refLine(ref: RefJson): string {
  const via = ref.via === ref.register ? '' : ` via ${ref.via}`;
  const within = ref.function === null ? '' : ` in ${ref.function}`;
  return `${ref.file}:${String(ref.line)}:${String(ref.column)}: ${ref.kind} ${ref.register ?? 'any GPR'}${via}${within}`;
}
