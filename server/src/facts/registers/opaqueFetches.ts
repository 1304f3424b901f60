import { child, descendants } from '../../syntax/c/cTree.js';
import { literalsOf, type Guard } from '../../syntax/conditions/guard.js';
import { bareExpression, writtenText, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { sourcesOf } from './moveSources.js';
import { bitTest } from './registerBits.js';
import { memberWritten } from './registerFile.js';

/**
 * A member that is given what a call computes, where a register is not available: `vmx->cpl = vmx_read_guest_seg_selector(...) & 3`.
 * From which place it comes is not understood; that it is fetched is.
 */
export interface OpaqueFetch {
  /** The register's member of the enum. */
  readonly register: string;
  readonly offset: number;
  /** What is assigned to, as written. */
  readonly target: string;
}

/** The fetches of a function that are not understood. */
export function opaqueFetches(context: FunctionContext): OpaqueFetch[] {
  const { nodes, isRepeated, guards } = context.tree;
  return nodes.flatMap((node): OpaqueFetch[] => {
    if (node.type !== 'assignment_expression' || isRepeated(node.start)) return [];
    const [left, value] = [child(node, 'left'), child(node, 'right')];
    const isMember = left && bareExpression(left).type === 'field_expression';
    if (!isMember || !value || !calls(value)) return [];
    const register = missingRegister(context, guardsOf(guards, node));
    if (register === null || sourcesOf(context, value, new Set()).length > 0) return [];
    return [{ register, offset: node.start, target: writtenText(context, left) }];
  });
}

function calls(value: Parameters<typeof descendants>[0]): boolean {
  return [value, ...descendants(value)].some(({ type }) => type === 'call_expression');
}

/** The register that guards say is not available; null for none. */
function missingRegister({ symbols }: FunctionContext, guards: readonly Guard[]): string | null {
  for (const { atom, holds } of literalsOf(guards)) {
    const test = holds ? null : bitTest(symbols, atom);
    const member = test?.bit === 'available' ? memberWritten(symbols.registers, test.number) : undefined;
    if (member?.role === 'register') return member.name;
  }
  return null;
}
