import type { TreeText } from '../../server/src/model/readTree.js';
import { treeAt } from '../engine.js';
import { sampleNames, samplePath } from '../samples.js';

/** The texts of all samples. */
export function sampleTrees(): TreeText[] {
  return sampleNames().map((name) => treeAt(samplePath(name)));
}
