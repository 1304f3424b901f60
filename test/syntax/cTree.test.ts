import { describe, expect, it } from 'vitest';
import { ancestors, child, descendants, isUnread, parseC, type CNode } from '../../server/src/syntax/c/cTree.js';
import { parser } from '../engine.js';

async function parse(text: string, base = 0): Promise<CNode> {
  const root = parseC(await parser(), text, base);
  if (!root) throw new Error('not parsed');
  return root;
}

function first(root: CNode, type: string): CNode | undefined {
  return [...descendants(root)].find((node) => node.type === type);
}

/** The levels below a node. Asks no recursion of a tree that may be deep. */
function depthOf(root: CNode): number {
  return Math.max(...descendants(root).map((node) => [...ancestors(node)].length));
}

describe('parseC', () => {
  it('gives nodes with fields, operators among them', async () => {
    const sum = first(await parse('int a = b + c;'), 'binary_expression');
    expect(sum?.children.map((node) => [node.field, node.type])).toEqual([
      ['left', 'identifier'],
      ['operator', '+'],
      ['right', 'identifier'],
    ]);
    expect(sum && child(sum, 'right')?.start).toBe(12);
    expect(sum && child(sum, 'condition')).toBeUndefined();
  });

  it('counts UTF-16 code units from the base', async () => {
    const text = 'char *s = "ä😀"; int a = b;';
    const b = [...descendants(await parse(text, 100))].findLast((node) => node.type === 'identifier');
    expect(b && [b.start, b.end]).toEqual([100 + text.indexOf('b;'), 100 + text.indexOf('b;') + 1]);
  });

  it('leads from a node to its ancestors', async () => {
    const call = first(await parse('int f(void) { if (a) g(); }'), 'call_expression');
    expect(call && [...ancestors(call)].map((node) => node.type)).toEqual([
      ...['expression_statement', 'if_statement', 'compound_statement', 'function_definition', 'translation_unit'],
    ]);
  });

  it('gives what can be read of text that is no C', async () => {
    const root = await parse('int f(void) { return kvm_rax_read(vcpu) @@ ; }');
    expect([...descendants(root)].some((node) => node.type === 'ERROR')).toBe(true);
    expect(first(root, 'call_expression')).toBeDefined();
  });

  it.each([300, 3_000, 30_000])('leaves unread what is nested too deep to be walked: %i levels', async (levels) => {
    const root = await parse(`int a = ${'b ? c : '.repeat(levels)}d;`);
    expect(depthOf(root)).toBeLessThanOrEqual(400);
    expect(descendants(root).some(isUnread)).toBe(levels > 400);
  });

  it('reads an empty text', async () => {
    expect((await parse('')).children).toEqual([]);
  });
});
