import type { ModelProblem } from '../modelProblem.js';
import type { RegisterModel } from '../registerModel.js';

/** Files that belong to the tree and could not be read at all, with the reason. */
export function unreadFiles({ unread }: RegisterModel): readonly ModelProblem[] {
  return unread.filter(({ line }) => line === null);
}
