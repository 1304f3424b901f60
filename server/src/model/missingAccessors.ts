import type { Reason } from '../backends/owner.js';
import type { RegisterFile } from '../facts/registers/registerFile.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import { nameSpan, type CallGraph, type GraphNode } from './callGraph.js';
import type { Phases } from './phases.js';

/** What tells whether a tree has the code by which registers are read and written. */
interface Accessed {
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly symbols: TreeSymbols;
  /** The line of an offset of a file, 1-based. */
  readonly lineOf: (file: string, offset: number) => number;
}

/**
 * Why it is not known what reads and writes the register cache: a function fills it, register by register, and no code of the
 * tree asks for that, or has a function that tells whether a register is available. The header with the accessors is not there;
 * whatever calls them moves registers unseen, for each backend. Empty where the tree has any of that.
 */
export function missingAccessors({ graph, phases, symbols, lineOf }: Accessed): readonly Reason[] {
  const { registers, indexed } = symbols;
  const isTested = [...indexed.values()].some(({ kind }) => kind === 'test-available');
  if (isTested || phases.cacheCallbacks.length > 0) return [];
  const filling = graph.nodes.find((node) => fillsByNumber(node, registers));
  const declared = registers.members.find((member) => member.declared !== null)?.declared;
  if (!filling || !declared) return [];
  const { file, name } = filling;
  const place = `${file}:${String(lineOf(file, nameSpan(filling).start))}`;
  const why = `is read and written by code that this tree lacks: ${name} (${place}) fills it, and nothing calls that where a register is not available`;
  return [{ file: declared.file, line: declared.line, what: 'the register cache', why }];
}

/** Whether a function fills the slot of the register whose number it is given. */
function fillsByNumber({ c }: GraphNode, { byName }: RegisterFile): boolean {
  return (
    c?.moves.some(
      ({ from, to, guards }) =>
        from !== null &&
        to?.kind === 'cache' &&
        guards.some((guard) => guard.kind === 'case' && guard.labels.some((label) => byName.has(label ?? ''))),
    ) ?? false
  );
}
