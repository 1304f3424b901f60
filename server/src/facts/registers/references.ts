import { statementOf } from '../source/statements.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import { accessOf } from '../source/access.js';
import {
  argumentsOf,
  bareExpression,
  cacheField,
  calleeName,
  indexedCall,
  namedRegister,
  registerArray,
  textOf,
  type FunctionContext,
} from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { bitmapKind } from '../symbols/indexedKind.js';
import { runtimeIndex, type RuntimeIndex } from './runtimeIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { IndexedKind, TreeSymbols } from '../symbols/treeSymbols.js';

/** What a reference does with the register (the contract's kinds). */
export type ReferenceKind =
  IndexedKind | 'declare' | 'define' | 'address' | 'case' | 'mask' | 'argument' | 'asm-load' | 'asm-store' | 'other';

/** A place in a file where a register is named. Offsets are of the naming token. */
export interface Reference extends Span {
  /** The enum member; null where only run time knows which. */
  readonly register: string | null;
  readonly kind: ReferenceKind;
  /** What names it: the enumerator, accessor, field or operand as written; for a run-time index, how it is decoded. */
  readonly via: string;
  readonly function: string | null;
  readonly guards: readonly Guard[];
  /** By a function built on accessors, by a field of the cache, or in generic code: not the register's own name. */
  readonly isIndirect: boolean;
  /** Where the statement begins that it is in: the same for what the statement moves and calls. In assembly, of the instruction. */
  readonly statement: number;
  readonly index?: RuntimeIndex;
  /** The function that is given the register's number, or the array, among its arguments, and where its name stands. */
  readonly callee?: { readonly name: string; readonly start: number };
  /** Whose slot or field it is, where the reference is one itself; null for an array that holds no guest registers. */
  readonly storage?: 'cache' | 'emulator' | null;
  /** What the value that is read is masked with, as written: `X86_CR4_UMIP` of `vcpu->arch.cr4 & X86_CR4_UMIP`. */
  readonly mask?: string;
}

/** A function's reference as one of its file, in which the function begins at `start`. */
export function referenceAt(reference: Reference, start: number): Reference {
  const { callee } = reference;
  const placed = {
    ...reference,
    start: reference.start + start,
    end: reference.end + start,
    statement: reference.statement + start,
  };
  return callee ? { ...placed, callee: { name: callee.name, start: callee.start + start } } : placed;
}

/** The references in a function. */
export function functionReferences(context: FunctionContext): Reference[] {
  const found: Reference[] = [];
  for (const node of context.tree.nodes) {
    if (context.tree.isRepeated(node.start)) continue;
    found.push(...referencesAt(context, node));
  }
  return found;
}

function referencesAt(context: FunctionContext, node: CNode): Reference[] {
  const refer = (
    at: Span,
    register: string | null,
    kind: ReferenceKind,
    via: string,
    more: Partial<Reference> = {},
  ): Reference => ({
    start: at.start,
    end: at.end,
    register,
    kind,
    via,
    function: context.tree.source.name,
    guards: guardsOf(context.tree.guards, node),
    isIndirect: false,
    statement: statementOf(node),
    ...more,
  });
  switch (node.type) {
    case 'identifier': {
      const register = namedRegister(context, node);
      return register === null
        ? []
        : [refer(node, register, enumeratorKind(context, node), textOf(context, node), enumeratorUse(context, node))];
    }
    case 'call_expression': {
      const callee = child(node, 'function');
      const name = calleeName(context, node);
      const accessor = context.symbols.accessors.get(name);
      if (callee && accessor) return [refer(callee, accessor.member, accessor.kind, name)];
      const wrapper = context.symbols.wrappers.get(name);
      if (callee && wrapper)
        return wrapper.uses.map((use) => refer(callee, use.member, use.kind, name, { isIndirect: true }));
      const indexed = indexedCall(context, node);
      if (!indexed || namedRegister(context, indexed.index) !== null || isPassedOn(context, indexed.index)) return [];
      const index = runtimeIndex(context, indexed.index);
      return [refer(indexed.index, null, indexed.callee.kind, index.text, { index, ...calleeOf(name, callee) })];
    }
    case 'pointer_expression': {
      const array = child(node, 'argument');
      const field = array ? arrayField(context, array) : null;
      if (!field || child(node, 'operator')?.type !== '&') return [];
      const call = [...ancestors(node)].find((above) => above.type === 'call_expression');
      const callee = call ? calleeOf(calleeName(context, call), child(call, 'function')) : {};
      return [refer(field, null, 'address', 'address of every GPR', { storage: 'cache', ...callee })];
    }
    case 'subscript_expression': {
      const [array, index] = [child(node, 'argument'), child(node, 'index')];
      const storage = array ? registerArray(context, array) : null;
      if (!index || storage === null || namedRegister(context, index) !== null) return [];
      const decoded = runtimeIndex(context, index);
      return [refer(index, null, accessOf(node), decoded.text, { index: decoded, storage })];
    }
    case 'field_expression': {
      const field = cacheField(context, node);
      if (!field) return [];
      return [
        refer(field.field, field.member, fieldAccess(context, node), `arch.${textOf(context, field.field)}`, {
          isIndirect: true,
          storage: 'cache',
          ...maskOf(context, node),
        }),
      ];
    }
    default:
      return [];
  }
}

function maskOf(context: FunctionContext, field: CNode): Pick<Reference, 'mask'> {
  const above = field.parent;
  const isMasked = above?.type === 'binary_expression' && child(above, 'operator')?.type === '&';
  const mask = isMasked && field.field === 'left' ? child(above, 'right') : undefined;
  return mask ? { mask: textOf(context, mask) } : {};
}

/** How a field is used: as an lvalue, as what memcpy() or memset() writes to, or for its size alone. */
function fieldAccess(context: FunctionContext, field: CNode): ReferenceKind {
  if (isSized(context, field)) return 'other';
  const call = field.parent?.type === 'argument_list' ? field.parent.parent : null;
  const isFilled = call?.type === 'call_expression' && /^mem(?:cpy|set|move)$/.test(calleeName(context, call));
  return isFilled && argumentsOf(call)[0] === field ? 'write' : accessOf(field);
}

/** Whether only the size of a field is asked for: `sizeof(vcpu->arch.pdptrs)`, `ARRAY_SIZE(...)`. */
function isSized(context: FunctionContext, field: CNode): boolean {
  const holder = field.parent?.parent;
  return (
    holder?.type === 'sizeof_expression' ||
    (holder?.type === 'call_expression' && calleeName(context, holder) === 'ARRAY_SIZE')
  );
}

/** The name of the cache's array in an expression that is the whole array, or null. */
function arrayField(context: FunctionContext, expression: CNode): CNode | null {
  const node = bareExpression(expression);
  if (node.type !== 'field_expression' || registerArray(context, node) !== 'cache') return null;
  return child(node, 'field') ?? null;
}

/** Inside a function that takes a register's number, the number is not decoded: its callers say what it is. */
function isPassedOn(context: FunctionContext, index: CNode): boolean {
  const own = context.symbols.indexed.get(context.tree.source.name);
  return own !== undefined && textOf(context, bareExpression(index)) === context.tree.parameters[own.parameter]?.name;
}

/** The function that something is given to; nothing for one without a name. */
function calleeOf(name: string, node: CNode | undefined): Pick<Reference, 'callee'> {
  return name === '' || !node ? {} : { callee: { name, start: node.start } };
}

/** The call or array that an enumerator stands in. */
function enumeratorUse(context: FunctionContext, identifier: CNode): Pick<Reference, 'callee' | 'storage'> {
  let above = identifier.parent;
  // `regs[VCPU_REGS_R8 + index]`
  if (above?.type === 'binary_expression' && above.field === 'index') above = above.parent;
  if (above?.type === 'subscript_expression') {
    const array = child(above, 'argument');
    return { storage: array ? registerArray(context, array) : null };
  }
  const call = above?.type === 'argument_list' ? above.parent : null;
  if (call?.type !== 'call_expression') return {};
  const callee = child(call, 'function');
  const [only] = callee?.type === 'call_expression' ? argumentsOf(callee) : [];
  const name = only ? textOf(context, only) : calleeName(context, call);
  const storage = context.symbols.indexed.get(name)?.storage;
  return { ...calleeOf(name, only ?? callee), ...(storage ? { storage } : {}) };
}

const BIT_MACRO = /^BIT(?:_ULL)?$/;

function enumeratorKind(context: FunctionContext, identifier: CNode): ReferenceKind {
  let node = identifier;
  let above = node.parent;
  while (above && (above.type === 'parenthesized_expression' || above.type === 'cast_expression')) {
    node = above;
    above = node.parent;
  }
  switch (above?.type) {
    case 'subscript_expression':
      return node.field === 'index' ? accessOf(above) : 'other';
    case 'case_statement':
      return 'case';
    case 'binary_expression':
      return child(above, 'operator')?.type === '<<' && node.field === 'right' ? 'mask' : 'other';
    case 'argument_list':
      return above.parent?.type === 'call_expression' ? argumentKind(context, above.parent, node) : 'argument';
    default:
      return 'other';
  }
}

function argumentKind(context: FunctionContext, call: CNode, argument: CNode): ReferenceKind {
  if (BIT_MACRO.test(calleeName(context, call))) return 'mask';
  const indexed = indexedCall(context, call);
  if (indexed?.index === argument) return indexed.callee.kind;
  return (argumentsOf(call)[0] === argument ? bitmapKind(context, call) : null) ?? 'argument';
}

/** The references in a file's macro bodies, at their own lines. */
export function macroReferences(file: SourceOutline, symbols: TreeSymbols): Reference[] {
  return file.directives.macros.flatMap((macro) => {
    const guardsAt = () => configGuardsAt(file.directives, macro.start);
    const inside = tokenReferences(macro.body, symbols, null, guardsAt);
    const named = macro.parameters === null ? symbols.registers.numberMacros.get(macro.name) : undefined;
    if (!named) return inside;
    const { nameStart: start, name: via } = macro;
    const base = { function: null, guards: guardsAt(), isIndirect: false, statement: macro.start };
    return [{ ...base, start, end: start + via.length, register: named.name, kind: 'define', via }, ...inside];
  });
}

/** Whether one of the words is one that `tokenReferences` looks for: most items have none. */
export function namesRegister(words: Iterable<string>, symbols: TreeSymbols): boolean {
  const { registers, accessors, wrappers } = symbols;
  for (const word of words) {
    if (registers.byName.has(word) || registers.numberMacros.has(word)) return true;
    if (accessors.has(word) || wrappers.has(word)) return true;
  }
  return false;
}

/**
 * The references in code that is no function: a type's or object's definition, a macro's use at top level. Told by the tokens
 * alone.
 */
export function tokenReferences(
  tokens: readonly Token[],
  symbols: TreeSymbols,
  within: string | null,
  guardsAt: (offset: number) => readonly Guard[],
): Reference[] {
  const found: Reference[] = [];
  // The last name with a bracket behind it: what a register behind that is an argument of.
  let callee: string | null = null;
  tokens.forEach((token, i) => {
    if (token.kind !== 'word') return;
    const isCall = tokens[i + 1]?.text === '(';
    const refer = (register: string, kind: ReferenceKind, isIndirect = false) => {
      const { start, end, text } = token;
      found.push({
        start,
        end,
        register,
        kind,
        via: text,
        function: within,
        guards: guardsAt(start),
        isIndirect,
        statement: start,
      });
    };
    const member = symbols.registers.byName.get(token.text) ?? symbols.registers.numberMacros.get(token.text);
    if (member) refer(member.name, tokenKind(tokens, i, callee, symbols));
    if (!isCall) return;
    callee = token.text;
    const accessor = symbols.accessors.get(token.text);
    if (accessor) refer(accessor.member, accessor.kind);
    for (const use of symbols.wrappers.get(token.text)?.uses ?? []) refer(use.member, use.kind, true);
  });
  return found;
}

function tokenKind(tokens: readonly Token[], at: number, callee: string | null, symbols: TreeSymbols): ReferenceKind {
  const [before, twoBefore] = [tokens[at - 1]?.text, tokens[at - 2]?.text];
  if (before === '<<') return 'mask';
  if (before === '(' && BIT_MACRO.test(twoBefore ?? '')) return 'mask';
  if (before === '(' && twoBefore === '<<') return 'mask';
  if (before !== ',' && before !== '(') return 'other';
  return (callee === null ? undefined : symbols.indexed.get(callee)?.kind) ?? 'argument';
}

/** The declaration of each register, and what its enum says of others (`VCPU_REG_ERAPS = VCPU_REG_CR3`). */
export function declarationReferences(file: SourceOutline, item: Span, symbols: TreeSymbols): Reference[] {
  const tokens = tokenize(file.code, item.start, item.end);
  const positions = new Set(
    tokens.flatMap(({ start }, i) => (/^[{,]$/.test(tokens[i - 1]?.text ?? '') ? [start] : [])),
  );
  const isDeclaration = ({ start, via }: Reference) =>
    positions.has(start) && symbols.registers.byName.get(via)?.declared?.file === file.source.path;
  return tokenReferences(tokens, symbols, null, (offset) => configGuardsAt(file.directives, offset)).map(
    (reference): Reference => {
      if (isDeclaration(reference)) return { ...reference, register: reference.via, kind: 'declare' };
      return { ...reference, kind: reference.kind === 'argument' ? 'other' : reference.kind };
    },
  );
}
