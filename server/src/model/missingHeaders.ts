import { memoizeByIdentity } from '../cache/memoize.js';
import { configGuardsAt } from '../syntax/preprocessor/directives.js';
import { locationAt } from '../syntax/text/sourceText.js';
import type { SourceOutline } from '../facts/source/sourceOutline.js';
import type { ModelProblem } from './modelProblem.js';

/** Code for all architectures, whose headers KVM includes as its own: a copy of arch/x86/kvm alone does not have them. */
const COMMON_CODE = 'virt/kvm/';

/** Directories of headers for all of the kernel, of which most is not read. */
const HEADERS_OF_ALL = /(?:^|\/)include\//;

/** The header that a directive includes from beside its file, `#include "vmx.h"`; one by a path may be anywhere. */
const INCLUDED_FROM_BESIDE = /^\s*#\s*include\s*"([^"/\n]+)"/;

/**
 * Headers of its own that code includes and the tree has nowhere: what they declare is not read. Those that the build makes of C code
 * (kvm-asm-offsets.h), and those of a configuration alone, need not be there.
 */
export function missingHeaders(outlines: readonly SourceOutline[]): ModelProblem[] {
  const paths = outlines.map(({ source: { path } }) => path);
  if (!paths.some((path) => path.startsWith(COMMON_CODE))) return [];
  // `<asm/vmx.h>` is another header than "vmx.h".
  const own = outlines.filter(({ source: { path } }) => !HEADERS_OF_ALL.test(path));
  const names = new Set(own.map(headerOf));
  return own.flatMap((outline) =>
    includedFromBeside(outline).flatMap(({ header, start }): ModelProblem[] => {
      if (names.has(header)) return [];
      const { file, line } = locationAt(outline.source, start);
      return [{ file, line, message: `${header} is included here, and is not among the headers of this tree's KVM` }];
    }),
  );
}

/** The headers that a file includes from beside it in every configuration, with where; sought once a file, not once a reading. */
const includedFromBeside = memoizeByIdentity(({ source, directives }: SourceOutline) =>
  directives.lines.flatMap(({ start, end }) => {
    const header = INCLUDED_FROM_BESIDE.exec(source.text.slice(start, end))?.[1];
    return header === undefined || configGuardsAt(directives, start).length > 0 ? [] : [{ header, start }];
  }),
);

/** The name by which a file is included: of C code that the build makes a header of, that header's. */
function headerOf({ source: { path }, directives }: SourceOutline): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return directives.includes.includes(MAKES_HEADERS) ? name.replace(/\.c$/, '.h') : name;
}

/** What the kernel makes headers of constants with (include/linux/kbuild.h). */
const MAKES_HEADERS = 'linux/kbuild.h';
