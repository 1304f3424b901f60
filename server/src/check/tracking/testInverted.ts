import { isSaveArea } from '../../model/query/backends.js';
import { wordIn, type CFunction } from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import type { FileSpan } from '../../model/query/text.js';
import { moveSpan } from '../../model/query/transfers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Rule } from '../finding.js';
import { functionsTestingAvailability, isKnownAvailable } from './bitmapChecks.js';
import { subjectOf } from './cacheUses.js';
import { isFetch } from './fills.js';

const ID = 'tracking/test-inverted';

/** A register that is fetched because it is available already. */
export const testInverted: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register is fetched, or marked available, where a test has found that it is available.',
  why: 'The test has the wrong sense: what is in the cache is fetched again, and what is not is never fetched.',
  exemptions: ['A fetch of another register than the one that is tested.', 'A mark under a test of the dirty bit.'],
  find: (model) =>
    [...functionsTestingAvailability(model).keys()].flatMap((fn) => {
      const again = [...calledAgain(model, fn), ...loadedAgain(model, fn)].slice(0, 1);
      return again.map((one) => againFinding(model, one));
    }),
};

/** What is done again to a register that is available. */
interface Again {
  readonly at: FileSpan;
  /** As `CacheUse.subject`. */
  readonly subject: string;
  readonly what: string;
}

/** Calls that fetch or mark a register under a test that it is available. */
function calledAgain(model: RegisterModel, fn: CFunction): Again[] {
  return fn.c.callFacts.flatMap((call) => {
    const marker = indexedFunctionNamed(model, call.callee);
    const isMark = marker?.kind === 'mark-available';
    if (!isMark && !isFetch(model, fn, call)) return [];
    const numbers = isMark ? [call.arguments[marker.parameter] ?? ''] : call.arguments.slice(1);
    const subject = numbers
      .map((number) => subjectOf(model, number))
      .find((number) => isKnownAvailable(model, call.guards, number));
    if (subject === undefined) return [];
    return [{ at: wordIn(model, fn, call.offset), subject, what: isMark ? 'marked available' : 'fetched' }];
  });
}

/** Copies from hardware under a test that a register is available. */
function loadedAgain(model: RegisterModel, fn: CFunction): Again[] {
  return fn.c.moves.flatMap((move) => {
    const { from, to, guards } = move;
    if (!isSaveArea(model, from?.kind) || to?.kind !== 'cache') return [];
    const available = model.registers.find(({ member }) => member && isKnownAvailable(model, guards, member.name));
    const subject = available?.member?.name;
    if (subject === undefined || (to.register ?? subject) !== subject) return [];
    return [{ at: moveSpan(model, subject, fn, move), subject, what: 'copied from hardware' }];
  });
}

function againFinding(model: RegisterModel, { at, subject, what }: Again): Finding {
  const register = memberNamed(model, subject)?.register ?? 'The register';
  const message = `${register} is ${what} where it has been found available: the test has the wrong sense`;
  return finding(ID, at, message);
}
