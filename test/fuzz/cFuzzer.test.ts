import { testFuzzer } from './testFuzzer.js';
import { cFuzzer } from './cFuzzer.js';

testFuzzer('answers whatever happens to the tokens of a tree', cFuzzer, 12);
