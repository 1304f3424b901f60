import type { TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { assemblyFuzzer } from './assemblyFuzzer.js';
import { cFuzzer } from './cFuzzer.js';
import { editsFuzzer } from './editsFuzzer.js';
import type { Fuzzer } from './fuzzer.js';
import { macroFuzzer } from './macroFuzzer.js';
import { hasCpp } from './cpp.js';
import { macroUseFuzzer } from './macroUseFuzzer.js';

/** All fuzzers that can run on this machine, for trees. */
export function fuzzersOf(c: CParser, trees: readonly TreeText[]): readonly Fuzzer[] {
  const all = [cFuzzer(c, trees), assemblyFuzzer(c, trees), editsFuzzer(c, trees)];
  return hasCpp() ? [...all, macroFuzzer(), macroUseFuzzer(trees)] : all;
}
