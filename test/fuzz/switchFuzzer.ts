import { emulate, runsOf } from '../emulator/emulator.js';
import { assembly, both } from '../emulator/fixture.js';
import { answersOf, arrayPlace, CLASSIC_GPRS, DIRECTIONS, flowReader } from '../slotAnswers.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { switchBody } from './switchGrammar.js';

/** Random world switches, read and run: what is said to be moved is seen, with marked values, and what is said not to be is not. */
export function switchFuzzer(): Fuzzer {
  return fuzzerOf({
    name: 'switches',
    inputs: switchBody,
    judge: (body) => {
      const { files, path, function: name, calls } = assembly('a random world switch', both(), body);
      const flow = flowReader(files, path)(files[path] ?? '').get(name);
      if (!flow) throw new Error(`${name} enters no guest`);
      const answers = answersOf(flow, arrayPlace(files, null));
      const [result] = emulate([{ source: { files, path, isPatched: false }, calls }]);
      const [run] = runsOf(result);
      if (run?.end !== 'return') throw new Error(`the run ends with ${run?.end ?? 'nothing'}`);
      const wrong = DIRECTIONS.flatMap((direction) =>
        CLASSIC_GPRS.flatMap((gpr) => {
          const kind = answers.get(`${direction} ${gpr}`)?.kind;
          const isSeen = run[direction].includes(gpr);
          return kind === (isSeen ? 'absent' : 'found') ? [`${direction} ${gpr} is ${kind}`] : [];
        }),
      );
      if (wrong.length > 0) throw new Error(`the run refutes: ${wrong.join(', ')}`);
    },
    filesOf: (body) => new Map(Object.entries(assembly('a random world switch', both(), body).files)),
  });
}
