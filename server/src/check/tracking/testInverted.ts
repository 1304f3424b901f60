import { isSaveArea } from './codeBackends.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { Finding, Rule } from '../finding.js';
import { askingFunctions, isKnownAvailable } from './bitmapChecks.js';
import { isFetch } from './fills.js';
import { moveSpan, wordIn } from './spans.js';
import { type TrackedCode, type TrackedFunction, trackedCode, subjectOf } from './trackedCode.js';

const id = 'tracking/test-inverted';

/** A register that is fetched because it is available already. */
export const TEST_INVERTED: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register is fetched, or marked available, where a test has found that it is available.',
  why: 'The test has the wrong sense: what is in the cache is fetched again, and what is not is never fetched.',
  exemptions: ['A fetch of another register than the one that is tested.', 'A mark under a test of the dirty bit.'],
  find: (model) => {
    const code = trackedCode(model);
    const asking = [...askingFunctions(code).keys()];
    return asking.flatMap((fn) => [...calledAgain(code, fn), ...loadedAgain(code, fn)].slice(0, 1));
  },
};

/** Calls that fetch or mark a register under a test that it is available. */
function calledAgain(code: TrackedCode, fn: TrackedFunction): Finding[] {
  const { symbols } = code.model;
  return fn.facts.callFacts.flatMap((call) => {
    const marker = symbols.indexed.get(call.callee);
    const isMark = marker?.kind === 'mark-available';
    if (!isMark && !isFetch(code, fn, call)) return [];
    const numbers = isMark ? [call.arguments[marker.parameter] ?? ''] : call.arguments.slice(1);
    const again = numbers
      .map((number) => subjectOf(symbols, number))
      .find((subject) => isKnownAvailable(symbols, call.guards, subject));
    const span = wordIn(code.model, fn.node, call.offset);
    return again === undefined ? [] : [finding(code, fn, span, again, isMark ? 'marked available' : 'fetched')];
  });
}

/** Copies from hardware under a test that a register is available. */
function loadedAgain(code: TrackedCode, fn: TrackedFunction): Finding[] {
  const { symbols, registers } = code.model;
  return fn.facts.moves.flatMap((move) => {
    const { from, to, guards } = move;
    if (!isSaveArea(code.model, from?.kind)) return [];
    const again =
      to?.kind === 'cache'
        ? registers.find(({ member }) => member && isKnownAvailable(symbols, guards, member.name))
        : undefined;
    const member = again?.member?.name;
    if (member === undefined || (to?.register ?? member) !== member) return [];
    return [finding(code, fn, moveSpan(code.model, member, fn.node, move), member, 'copied from hardware')];
  });
}

function finding(code: TrackedCode, fn: TrackedFunction, { start, end }: Span, subject: string, what: string): Finding {
  const register = code.model.symbols.registers.byName.get(subject)?.register ?? 'The register';
  return {
    rule: id,
    file: fn.file,
    span: { start, end },
    message: `${register} is ${what} where it has been found available: the test has the wrong sense`,
    related: [],
  };
}
