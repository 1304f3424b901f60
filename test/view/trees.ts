import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { modelOfTree } from '../engine.js';
import { kernels } from '../kernels.js';
import { sampleNames, samplePath } from '../samples.js';

/** The trees that views are held to: every sample, and the kernels that are there. */
export const TREES: readonly { readonly name: string; readonly model: () => Promise<RegisterModel> }[] = [
  ...sampleNames().map((name) => ({ name: `samples/${name}`, model: () => modelOfTree(samplePath(name)) })),
  ...kernels().map(({ version, root }) => ({ name: `Linux ${version}`, model: () => modelOfTree(root) })),
];
