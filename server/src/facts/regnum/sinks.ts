import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { accessOf } from '../source/objectAccess.js';
import { indexedCall, namedRegister, registerArray } from '../registers/cacheExpressions.js';
import type { IndexedKind } from '../symbols/treeSymbols.js';
import { memberLink, parameterLink, resultLink, type NumberLink, type NumberTarget } from './sources.js';

/** Where a function uses a number as that of a GPR, or passes it on as one. */
export interface NumberUse extends NumberTarget {
  /** Where it goes on to; null where it is the register's number: the index of a read or write. */
  readonly link: NumberLink | null;
  /** What is done to the register; null where the number only goes on. */
  readonly access: NumberAccess | null;
  /** The first expression that does so. */
  readonly node: CNode;
}

/** What is done to a register that is told by its number. */
export type NumberAccess = 'read' | 'write' | 'readwrite' | 'address';

/** What is known to carry numbers between functions. */
export interface KnownLinks {
  readonly links: ReadonlySet<NumberLink>;
  /** The names in the links, and perhaps others. */
  readonly words: ReadonlySet<string>;
}

/** A function's uses of register numbers, given what is known to carry them between functions. */
export function numberUses(context: FunctionContext, { links, words }: KnownLinks): NumberUse[] {
  const uses: NumberUse[] = [];
  const carried = new Map<NumberLink, { node: CNode; set: CNode[]; added: CNode[] }>();
  const carry = (link: NumberLink | null, node: CNode, value: CNode, isAdded = false) => {
    if (link === null || !links.has(link)) return;
    const known = carried.get(link) ?? { node, set: [], added: [] };
    carried.set(link, known);
    (isAdded ? known.added : known.set).push(value);
  };
  for (const node of context.tree.nodes) {
    const index = indexOf(context, node);
    if (index) uses.push({ link: null, access: index.access, node: index.node, set: [index.node], added: [] });
    switch (node.type) {
      case 'call_expression': {
        const name = calleeName(context, node);
        if (!words.has(name)) break;
        argumentsOf(node).forEach((argument, i) => {
          const link = parameterLink(name, i);
          if (argument !== index?.node && links.has(link) && namedRegister(context, argument) === null)
            uses.push({ link, access: null, node: argument, set: [argument], added: [] });
        });
        break;
      }
      case 'assignment_expression': {
        const [left, right] = [child(node, 'left'), child(node, 'right')];
        const operator = child(node, 'operator')?.type;
        const member = left && child(left, 'field');
        if (!right || !member || !words.has(textOf(context, member))) break;
        if (operator === '=' || operator === '|=') carry(memberLink(context, left), right, right, operator === '|=');
        break;
      }
      case 'return_statement': {
        const [value] = node.children;
        if (value) carry(resultLink(context.tree.source.name), value, value);
        break;
      }
    }
  }
  return [...uses, ...[...carried].map(([link, use]) => ({ link, access: null, ...use }))];
}

interface Index {
  readonly node: CNode;
  readonly access: NumberAccess;
}

/** The index of a GPR's read or write that only run time knows, or null. */
function indexOf(context: FunctionContext, node: CNode): Index | null {
  if (node.type === 'subscript_expression') {
    const [array, index] = [child(node, 'argument'), child(node, 'index')];
    const isRegister = array && index && registerArray(context, array) !== null;
    return isRegister && namedRegister(context, index) === null
      ? { node: index, access: accessOf(context, node) }
      : null;
  }
  const call = indexedCall(context, node);
  const access = call ? movedBy(call.callee.kind) : null;
  return call && access && namedRegister(context, call.index) === null ? { node: call.index, access } : null;
}

/** What a function that takes a register's number does to its value; null for one that only marks or tests. */
export function movedBy(kind: IndexedKind): NumberAccess | null {
  return kind === 'read' || kind === 'write' || kind === 'readwrite' ? kind : null;
}

/** The expression that an index is copied with in one statement: `smram->gprs[15 - i] = kvm_register_read(vcpu, i)`. */
export function statementOf(node: CNode): CNode {
  let at = node;
  while (at.parent && !at.type.endsWith('_statement') && at.type !== 'declaration') at = at.parent;
  return at;
}

/** Whether a variable is named in an expression. */
export function mentions(context: FunctionContext, expression: CNode, variables: ReadonlySet<string>): boolean {
  if (expression.type === 'identifier') return variables.has(textOf(context, expression));
  return expression.children.some((c) => mentions(context, c, variables));
}
