import { beforeAll, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { answersOf, arrayPlace, CLASSIC_GPRS } from '../slotAnswers.js';
import { describeEmulated } from './describeEmulated.js';
import { BUILD_TIMEOUT, emulate, runsOf, type Experiment, type Run } from './emulator.js';
import { flowIn, movedIn, movesInMap, registersWith, type Moves } from './moves.js';
import { ASSEMBLER_FIXTURES } from './assemblerSwitches.js';
import type { Fixture } from './fixture.js';
import { OPERAND_FIXTURES } from './operandSwitches.js';
import { FIXTURES as PLAIN_FIXTURES } from './worldSwitches.js';

const FIXTURES = [...PLAIN_FIXTURES, ...ASSEMBLER_FIXTURES, ...OPERAND_FIXTURES];

/** A fixture as it is built, and once more with its ALTERNATIVEs patched. */
function experimentsFor({ files, path, calls }: Fixture): Experiment[] {
  const builds = files[path]?.includes('ALTERNATIVE') ? [false, true] : [false];
  return builds.map((isPatched) => ({ source: { files, path, isPatched }, calls }));
}

describeEmulated('world switches of all forms, run', () => {
  const experiments = FIXTURES.map(experimentsFor);
  let results: (readonly Run[])[] = [];
  beforeAll(() => {
    const all = emulate(experiments.flat());
    results = experiments.map((own) => all.splice(0, own.length).flatMap(runsOf));
  }, BUILD_TIMEOUT);

  it.each(FIXTURES.map((fixture, i) => [fixture.title, fixture, i] as const))(
    '%s',
    async (_, { files, path, function: name, arrayArgument, moves }, i) => {
      const seen = runsOf(results[i]);
      expect(seen.map(({ end }) => end)).toEqual(seen.map(() => 'return'));
      const expected = inOrder(moves);
      expect(movedIn(seen)).toEqual(expected);
      const model = await modelOf(files);
      const answers = answersOf(flowIn(model, name), arrayPlace(files, arrayArgument));
      expect(registersWith('found', answers)).toEqual(expected);
      expect(registersWith('unknown', answers)).toEqual({ load: [], store: [] });
      expect(movesInMap(model, path, name)).toEqual(expected);
    },
  );
});

function inOrder({ load, store }: Moves): Moves {
  return {
    load: CLASSIC_GPRS.filter((gpr) => load.includes(gpr)),
    store: CLASSIC_GPRS.filter((gpr) => store.includes(gpr)),
  };
}
