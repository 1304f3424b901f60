import type { RegisterModel } from '../../model/registerModel.js';

/** `Linux 7.2.13`; `This tree` where it does not say its version. */
export function treeTitle({ kernel }: RegisterModel): string {
  return kernel === null ? 'This tree' : `Linux ${kernel}`;
}

/** `1 place`, `46 places` */
export function countText(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
