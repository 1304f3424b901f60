import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import type { GraphNode } from '../model/callGraph.js';
import { membersOfStruct } from '../model/query/cSymbols.js';
import { definitionSpan, implementsIn, structsOfOperation } from '../model/query/functions.js';
import { workersOf, type OperationChain } from '../model/query/operations.js';
import type { RegisterModel } from '../model/registerModel.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import { herePhrases } from './callWords.js';
import { lineEvidence } from './evidence.js';
import { functionSummary } from './functionTitle.js';
import { fieldPhrases, moveGroups, summaryOf, type MoveGroup } from './moveGroups.js';
import { code, joinPhrases, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';

/** What an operation (`cache_reg`) does in each backend, a file's own first. */
export function explainOperation(
  model: RegisterModel,
  at: FileSpan,
  { operation, chains }: { readonly operation: string; readonly chains: readonly OperationChain[] },
): Explanation {
  const here = herePhrases(model, at, sourceOf(model, at.file)?.text.slice(at.start, at.end) ?? operation);
  const isNear = ([first]: OperationChain) => first !== undefined && implementsIn(model, at.file, operation, first);
  const ordered = [...chains].sort((a, b) => Number(isNear(b)) - Number(isNear(a)));
  return {
    subject: { kind: 'operation', name: operation },
    answer: statement([
      strong(operation),
      ': ',
      ...(here.length === 0 ? [] : [...here, ' · ']),
      ...ownerPhrases(model, operation, chains),
      ', ',
      ...ordered.flatMap((chain, i) => (i === 0 ? namesOf(chain) : [', ', ...namesOf(chain)])),
    ]),
    owners: [],
    notes: ordered.map((chain) => chainNote(model, chain)),
  };
}

/** Whose operation it is: the vendor module's, or the callback of another struct's, as `x86_emulate_ops` has them. */
function ownerPhrases(model: RegisterModel, operation: string, chains: readonly OperationChain[]): Phrase[] {
  const structs = new Set(chains.flatMap(([first]) => (first ? structsOfOperation(model, operation, first) : [])));
  const [only, another] = structs;
  const ofVendors = membersOfStruct(model, OPERATIONS_STRUCT);
  if (only === undefined && ofVendors?.includes(operation) === false) return ['a callback that code assigns'];
  if (only === undefined || another !== undefined || only === OPERATIONS_STRUCT || only === '')
    return ['an operation of the vendor module'];
  return ['a callback of ', code(only)];
}

/** Helpers that a line has room for. */
const MOST_HELPERS = 2;

/** `vt_cache_reg -> vmx_cache_reg`: an implementation, with what it has done the work, if it does not itself. */
function namesOf([first, ...helpers]: OperationChain): Phrase[] {
  if (!first) return [];
  if (helpers.length === 0) return [code(first.name)];
  const named = helpers.slice(0, MOST_HELPERS).map((node) => code(node.name));
  const left = helpers.length - named.length;
  return [code(first.name), ' -> ', ...joinPhrases(named, ' and '), ...(left > 0 ? [` and ${String(left)} more`] : [])];
}

function chainNote(model: RegisterModel, chain: OperationChain): Statement {
  const workers = [...new Set(chain.flatMap((node) => workersOf(model, node)))];
  const said = new Set(workers.map((worker) => workerText(model, worker, chain.includes(worker))));
  said.delete('');
  const fields = fieldPhrases(
    model,
    workers.flatMap((worker) => movesOf(model, worker, chain.includes(worker))),
  );
  return statement(
    [
      ...namesOf(chain),
      said.size === 0 ? '' : `: ${[...said].join(' · ')}`,
      ...(fields.length === 0 ? [] : [' (', ...fields, ')']),
    ],
    chain.map((node) => lineEvidence(model, node.file, definitionSpan(node).start)),
  );
}

/** What a function does with registers; of a helper's, what it fetches on demand or sets. */
function workerText(model: RegisterModel, worker: GraphNode, isOwn: boolean): string {
  const groups = movesOf(model, worker, isOwn);
  return isOwn ? functionSummary(model, worker, groups) : summaryOf(groups);
}

function movesOf(model: RegisterModel, worker: GraphNode, isOwn: boolean): MoveGroup[] {
  return moveGroups(model, worker).filter(
    ({ transfers }) => isOwn || transfers.some(({ phase }) => phase === 'on-demand' || phase === 'set'),
  );
}
