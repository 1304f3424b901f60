import { guardText, isTest } from '../syntax/conditions/guard.js';
import { widthText } from '../explain/numberWords.js';
import { widthsOfReference, type NumberWidth } from '../model/query/numberWidths.js';
import { referencesIn, type Reference } from '../model/query/references.js';
import { membersNamed } from '../model/query/registers.js';
import { pathsOf, sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineAt, locationAt, type SourceText } from '../syntax/text/sourceText.js';

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
  /** Of a register that a number chooses at run time: how many bits that has, the narrowest first, and when. */
  readonly widths?: readonly NumberWidth[];
}

/** Every reference to the named registers (all when none is named), in the order of files and lines. */
export function refsJson(model: RegisterModel, names: readonly string[] = []): RefJson[] {
  const wanted = names.length > 0 ? membersNamed(model, names) : null;
  const isWanted = ({ register }: Reference) => wanted === null || (register !== null && wanted.has(register));
  return pathsOf(model).flatMap((path) => {
    const source = sourceOf(model, path);
    return source
      ? referencesIn(model, path)
          .filter(isWanted)
          .map((reference) => refJson(model, source, reference))
      : [];
  });
}

function refJson(model: RegisterModel, source: SourceText, reference: Reference): RefJson {
  const widths = widthsOfReference(model, source.path, reference);
  return {
    register: reference.register,
    ...locationAt(source, reference.start),
    kind: reference.kind,
    via: reference.via,
    function: reference.function,
    guards: reference.guards.filter(isTest).map(guardText),
    ...(reference.isIndirect ? { indirect: true as const } : {}),
    ...(widths.length > 0 ? { widths } : {}),
    ...(isInAssembly(reference) ? { statement: lineAt(source, reference.statement) } : {}),
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
  const number = ref.widths ? ` (${widthText(ref.widths)})` : '';
  return `${ref.file}:${String(ref.line)}:${String(ref.column)}: ${ref.kind} ${ref.register ?? 'any GPR'}${via}${within}${number}`;
}
