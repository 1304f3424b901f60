import { describeEmulated } from '../emulator/describeEmulated.js';
import { switchFuzzer } from './switchFuzzer.js';
import { testFuzzer } from './testFuzzer.js';

describeEmulated('random world switches, run', () => {
  testFuzzer('move what is said of them', switchFuzzer, 15);
});
