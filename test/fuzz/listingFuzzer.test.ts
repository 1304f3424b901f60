import { listingFuzzer } from './listingFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

testFuzzer('finds in assembly the same a line further down', listingFuzzer, 60);
