import type { RegisterModel } from '../../model/registerModel.js';

/** `Linux 7.2.13`; `This tree` where it does not say its version. */
export function treeTitle({ kernel }: RegisterModel): string {
  return kernel === null ? 'This tree' : `Linux ${kernel}`;
}
