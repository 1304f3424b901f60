import { assemblyFuzzer } from './assemblyFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

testFuzzer('answers whatever stands in a world switch', assemblyFuzzer, 25);
