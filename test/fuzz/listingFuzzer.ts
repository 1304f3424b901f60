import assert from 'node:assert';
import { BACKENDS } from '../../server/src/backends/registry.js';
import type { AsmFileFacts } from '../../server/src/facts/assembly/asmFile.js';
import { worldSwitchReader } from '../../server/src/facts/assembly/worldSwitch.js';
import { assemblyOf } from './assemblyGrammar.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';

const PATH = 'arch/x86/kvm/vmx/vmenter.S';

/** Stands above assembly and is nothing to it. */
const ABOVE = '/* above */\n';

/**
 * Random assembly, read alone. What is found of it is in the text, and is found again a line further down.
 */
export function listingFuzzer(): Fuzzer {
  return fuzzerOf({
    name: 'listings',
    inputs: assemblyOf({ maxDepth: 2, maxLength: 4 }),
    judge: (text) => {
      assert.deepStrictEqual(movesIn(factsOf(ABOVE + text), ABOVE.length), movesIn(factsOf(text), 0));
    },
    filesOf: (text) => new Map([[PATH, text]]),
  });
}

function factsOf(text: string): readonly AsmFileFacts[] {
  return worldSwitchReader(BACKENDS)([{ path: PATH, text }], []).files;
}

/** What assembly moves, and where, counted from an offset. */
function movesIn(files: readonly AsmFileFacts[], from: number): unknown {
  return files.flatMap(({ functions, problems }) => [
    ...functions.map(({ name, offset, end, transfers, steps }) => ({
      name,
      place: [offset - from, end - from],
      transfers: transfers.map(({ direction, side, gpr, instruction }) => [
        direction,
        side,
        gpr,
        instruction.start - from,
      ]),
      steps: steps.length,
    })),
    ...problems.map(({ message }) => message),
  ]);
}
