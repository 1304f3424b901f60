/** Whether each parenthesis of a text has its other one, in their order. */
export function isBalanced(text: string): boolean {
  let depth = 0;
  for (const mark of text) {
    if (mark === '(') depth++;
    if (mark === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
