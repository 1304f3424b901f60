import { memoizeByIdentity } from '../../cache/memoize.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { AsmFileFacts } from '../assembly/asmFile.js';
import { fileDefining } from '../source/functionIndex.js';
import type { FunctionSource } from '../source/functionSource.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { OPERATIONS_STRUCT, type OpsTable } from './opsTables.js';

/** The operations that run a guest: `run` before Linux 5.9. */
const RUN_OPERATIONS: ReadonlySet<string> = new Set(['vcpu_run', 'run']);

/** How a function is called that enters a guest: `__svm_vcpu_run`, `vmx_vmenter`, `hv_vm_enter_guest`. */
const ENTERING_NAME = /vcpu_?run|vm_?enter|vm_?run|vm_?launch|vm_?resume|enter_?guest/i;

/** How many calls lie between a vendor's operation and the function that enters a guest at the most. */
const LONGEST_CHAIN = 4;

/**
 * The functions by which vendors enter a guest and that the tree does not show, as where an assembler's files that are not read
 * define them: what a `vcpu_run` operation comes to, that is called like a VM-entry and defined nowhere. None for an operation
 * that comes to a VM-entry which is read.
 */
export function opaqueEntries(
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
  tables: readonly OpsTable[],
  macros: MacroLookup,
): ReadonlySet<string> {
  const inAssembly = new Set(assembly.flatMap(({ functions }) => functions.map(({ name }) => name)));
  const definition = (name: string) => {
    const file = fileDefining(outlines, name);
    return file && functionsByName(file).get(name);
  };
  const operations = tables
    .filter(({ struct }) => struct === OPERATIONS_STRUCT)
    .flatMap(({ entries }) => entries.filter(({ member }) => RUN_OPERATIONS.has(member)));
  return new Set(
    operations.flatMap((operation) => {
      const reached = namesFrom(operation.function, definition);
      if (reached.some((name) => inAssembly.has(name) && ENTERING_NAME.test(name))) return [];
      return reached.filter((name) => ENTERING_NAME.test(name) && !definition(name) && !macros(name));
    }),
  );
}

/** What a function calls, and what that calls. */
function namesFrom(name: string, definition: (name: string) => FunctionSource | undefined): string[] {
  const found = new Set<string>();
  let level = [name];
  for (let distance = 0; distance < LONGEST_CHAIN; distance++) {
    level = level
      .flatMap((caller) => definition(caller)?.calls.map((call) => call.name) ?? [])
      .filter((callee) => !found.has(callee));
    for (const callee of level) found.add(callee);
  }
  return [...found];
}

const functionsByName = memoizeByIdentity(
  ({ functions }: SourceOutline): ReadonlyMap<string, FunctionSource> =>
    new Map(functions.map(({ source }) => [source.name, source])),
);
