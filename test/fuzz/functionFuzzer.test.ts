import { functionFuzzer } from './functionFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

testFuzzer('finds in a function the same a line further down', functionFuzzer, 60);
