import { expect, it } from 'vitest';
import { missingText } from '../../server/src/explain/missingWords.js';
import { wordsOf } from '../../server/src/explain/words.js';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';

it.each([
  [true, 'no path on SVM'],
  [false, 'no path on SVM'],
  [null, 'no path on SVM, whose guests may need one: whether they can enable APX is not known'],
])('a backend without a path for R16-R31, whose guests may enable APX: %s', async (isOpen, said) => {
  const words = wordsOf(await modelOf(CACHE));
  expect(missingText(words, { kind: 'no-path', backend: 'svm', isOpen })).toBe(said);
});
