import { editsFuzzer } from './editsFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

testFuzzer('answers after any edits as a fresh reading does', editsFuzzer, 5);
