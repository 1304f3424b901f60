import type { GraphNode } from '../model/callGraph.js';
import { argumentTexts, parameterNames } from '../model/query/callText.js';
import { functionText, isInC, type CFunction } from '../model/query/functions.js';
import { functionUse, isWorkerNamed } from '../model/query/functionUse.js';
import { unlistedSetBy } from '../model/query/unlistedValues.js';
import { assignmentsDoneIn, statesSetIn } from '../model/query/xsaveAssignments.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { Atom } from '../syntax/conditions/condition.js';
import { guardTruth } from '../syntax/conditions/guard.js';
import { useSummary } from './functionUseWords.js';

/**
 * What a function has others do with registers that its own accesses do not tell: `by __kvm_emulate_rdmsr: writes RAX RDX`,
 * `sets XCR0 by __kvm_set_xcr`, `sets EFER by vmx_set_efer`. `said`: what is told already.
 */
export function workerParts(model: RegisterModel, node: GraphNode, said: string): string[] {
  if (!isInC(node)) return [];
  const told = assignmentsDoneIn(model, node).map(({ state }) => state);
  // What it sets itself is told with the time at which it does so.
  const states = statesSetIn(model, node).filter(({ state, callee }) => callee !== null || !told.includes(state));
  const sets = [
    ...states.map(({ state, callee }) => setPart(state, callee)),
    ...unlistedSetBy(model, node).map(({ register, name }) => setPart(register, name)),
  ];
  return [...new Set([...sets, ...calledWorkers(model, node, said)])];
}

function setPart(register: string, callee: string | null): string {
  return callee === null ? `sets ${register}` : `sets ${register} by ${callee}`;
}

/** What the functions read and write that do the work of one and are called after it, as far as the constants that they are given let them. */
function calledWorkers(model: RegisterModel, node: CFunction, said: string): string[] {
  const text = functionText(model, node);
  return model.graph.callees(node).flatMap(({ callee, operation, offset }) => {
    if (operation !== null || !isInC(callee) || said.includes(`by ${callee.name}`)) return [];
    if (!callee.name.startsWith('_') || !isWorkerNamed(callee.name, node.name)) return [];
    const known = constantsGiven(parameterNames(functionText(model, callee)), argumentTexts(text, offset));
    const references = functionUse(model, callee).references.filter(({ guards }) =>
      guards.every((guard) => guardTruth(guard, (atom) => comparisonTruth(atom, known)) !== false),
    );
    const parts = useSummary(model, { references, bitmaps: null, operations: new Map() });
    return parts.length > 0 ? [`by ${callee.name}: ${parts.join(', ')}`] : [];
  });
}

/** The parameters that a call gives constant numbers. */
function constantsGiven(parameters: readonly string[], given: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    parameters.flatMap((name, at) => (/^-?\d+$/.test(given[at] ?? '') ? [[name, Number(given[at])] as const] : [])),
  );
}

/** Whether a comparison of a parameter with a number holds; null where the parameter is not known, and for any other test. */
function comparisonTruth(atom: Atom, known: ReadonlyMap<string, number>): boolean | null {
  if (atom.kind !== 'comparison') return null;
  const [left, right] = [known.get(atom.left), /^-?\d+$/.test(atom.right) ? Number(atom.right) : undefined];
  if (left === undefined || right === undefined) return null;
  return COMPARISONS.get(atom.operator)?.(left, right) ?? null;
}

const COMPARISONS: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map([
  ['<', (left, right) => left < right],
  ['<=', (left, right) => left <= right],
  ['>', (left, right) => left > right],
  ['>=', (left, right) => left >= right],
  ['==', (left, right) => left === right],
  ['!=', (left, right) => left !== right],
]);
