import { lackingTools } from '../emulator/emulator.js';
import type { TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { assemblyFuzzer } from './assemblyFuzzer.js';
import { cFuzzer } from './cFuzzer.js';
import { conditionFuzzer } from './conditionFuzzer.js';
import { editsFuzzer } from './editsFuzzer.js';
import { functionFuzzer } from './functionFuzzer.js';
import type { Fuzzer } from './fuzzer.js';
import { listingFuzzer } from './listingFuzzer.js';
import { macroFuzzer } from './macroFuzzer.js';
import { hasCpp } from './cpp.js';
import { macroUseFuzzer } from './macroUseFuzzer.js';
import { switchFuzzer } from './switchFuzzer.js';

/** All fuzzers, for trees. */
export function fuzzersOf(c: CParser, trees: readonly TreeText[]): readonly Fuzzer[] {
  return [
    cFuzzer(c, trees),
    assemblyFuzzer(c, trees),
    editsFuzzer(c, trees),
    functionFuzzer(c, trees),
    listingFuzzer(),
    conditionFuzzer(),
    ...fuzzersWithGcc(trees),
    ...(lackingTools().length === 0 ? [switchFuzzer()] : []),
  ];
}

/** Those that compare with GCC; none where it is not there. */
function fuzzersWithGcc(trees: readonly TreeText[]): readonly Fuzzer[] {
  return hasCpp() ? [macroFuzzer(), macroUseFuzzer(trees)] : [];
}
