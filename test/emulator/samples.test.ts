import { beforeAll, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { answersOf, arrayPlace } from '../slotAnswers.js';
import { describeEmulated } from './describeEmulated.js';
import { BUILD_TIMEOUT, emulate, runsOf } from './emulator.js';
import { flowIn, movedIn, movesInMap, registersWith } from './moves.js';
import { callsOf, SAMPLE_SWITCHES, sampleTexts } from './sampleSwitches.js';

describeEmulated('the samples’ world switches, run', () => {
  const experiments = SAMPLE_SWITCHES.map((one) => ({
    source: { files: sampleTexts(one.tree), path: one.path, isPatched: false },
    calls: callsOf(one),
  }));
  let results: ReturnType<typeof emulate> = [];
  beforeAll(() => {
    results = emulate(experiments);
  }, BUILD_TIMEOUT);

  it.each(SAMPLE_SWITCHES.map((one, i) => [`${one.tree}: ${one.function}`, one, i] as const))(
    '%s moves what the flow and the map say',
    async (_, { tree, path, function: name, arrayArgument }, i) => {
      const files = sampleTexts(tree);
      const model = await modelOf(files);
      const answers = answersOf(flowIn(model, name), arrayPlace(files, arrayArgument));
      const seen = runsOf(results[i]);
      expect(seen.map(({ end, entries }) => [end, entries])).toEqual(seen.map(() => ['return', 1]));
      const moved = movedIn(seen);
      expect(registersWith('found', answers)).toEqual(moved);
      expect(registersWith('unknown', answers)).toEqual({ load: [], store: [] });
      expect(movesInMap(model, path, name)).toEqual(moved);
    },
  );
});
