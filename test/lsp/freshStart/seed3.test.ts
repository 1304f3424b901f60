import { testFreshAnswers } from './freshAnswers.js';

testFreshAnswers(3);
