import { conditionFuzzer } from './conditionFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

testFuzzer('concludes of conditions what their truth tables say', conditionFuzzer, 400);
