import type { FirmwareEntry } from '../../backends/backend.js';
import type { TreeFile } from './includes.js';
import type { AsmMakers } from './inlineEntries.js';
import type { NamesInC } from './namesInC.js';

/** All that assembly is read from besides C files. */
export interface AssemblyInput extends NamesInC {
  readonly files: readonly TreeFile[];
  readonly leaves: ReadonlySet<FirmwareEntry>;
  readonly macros: AsmMakers;
}

/** What C says of assembly, as texts. */
export function namesOf({
  leaves,
  macros,
  exitLabels,
  noReturn,
  inC,
  withoutArguments,
}: AssemblyInput): readonly string[] {
  const names = [
    [...leaves].map(({ leaf }) => leaf),
    [...macros.statements],
    [...macros.entries],
    [...exitLabels],
    [...noReturn],
    [...inC],
    [...withoutArguments],
  ];
  return names.map((list) => list.join(' '));
}

/** The texts of what is or may hold assembly for other files. */
export function textsOf(files: readonly TreeFile[]): readonly string[] {
  return files.filter((file) => !file.path.endsWith('.c')).flatMap((file) => [file.path, file.text]);
}
