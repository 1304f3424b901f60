import { sameGuard, type ConditionGuard } from '../conditions/guard.js';
import { glued, type AsmToken } from './asmToken.js';
import { directiveArguments, type Statement } from './statements.js';
import type { Arguments } from './substitution.js';

/** A parameter of a `.macro`. */
interface AsmParameter {
  readonly name: string;
  readonly kind: 'optional' | 'required' | 'rest';
  readonly default: readonly AsmToken[];
}

/** A `.macro` (GNU as manual, "Macro"). Its body's places are those of the file that defines it. */
export interface AsmMacro {
  readonly name: string;
  /** Offset of the name, in the file that defines it. */
  readonly nameStart: number;
  readonly parameters: readonly AsmParameter[];
  readonly body: readonly Statement[];
  readonly conditions: readonly ConditionGuard[];
  /** Why no assembler takes it; null where nothing is wrong with it. */
  readonly unsound: string | null;
  /** The `#define`s in its body are expanded already: it was defined in the file that is read. */
  readonly isExpanded: boolean;
}

/** A `.macro` as it stands in a text. */
interface MacroBlock {
  readonly header: Statement;
  readonly body: readonly Statement[];
  readonly isClosed: boolean;
}

/** Reads `.macro NAME a:req, b=0 rest:vararg` with its body; null when there is no name. `isClosed`: it has its `.endm`. */
export function readMacro({ header, body, isClosed }: MacroBlock): AsmMacro | null {
  const [name, ...rest] = glued(directiveArguments(header.tokens));
  if (name?.kind !== 'word') return null;
  const inside = body.map((statement) => ({ ...statement, conditions: conditionsInside(header, statement) }));
  const parameters = readParameters(rest);
  return {
    name: name.text,
    nameStart: name.start,
    parameters,
    body: inside,
    conditions: header.conditions,
    unsound: isClosed ? repeatedName(parameters) : '.macro without its end',
    isExpanded: false,
  };
}

function repeatedName(parameters: readonly AsmParameter[]): string | null {
  const names = new Set<string>();
  for (const { name } of parameters) {
    if (names.has(name)) return `two parameters are called ${name}`;
    names.add(name);
  }
  return null;
}

function conditionsInside(header: Statement, statement: Statement): readonly ConditionGuard[] {
  const isUnder = header.conditions.every((condition, i) => {
    const own = statement.conditions[i];
    return own !== undefined && sameGuard(own, condition);
  });
  return isUnder ? statement.conditions.slice(header.conditions.length) : statement.conditions;
}

function readParameters(tokens: readonly AsmToken[]): AsmParameter[] {
  return argumentLists(tokens).flatMap((parts): AsmParameter[] => {
    const [name, colon, kind, ...afterKind] = parts;
    if (name?.kind !== 'word') return [];
    const isQualified = colon?.text === ':';
    const assigned = isQualified ? afterKind : parts.slice(1);
    const fallback = assigned[0]?.text === '=' ? assigned.slice(1) : [];
    return [{ name: name.text, kind: isQualified ? parameterKind(kind?.text) : 'optional', default: fallback }];
  });
}

function parameterKind(qualifier: string | undefined): AsmParameter['kind'] {
  if (qualifier === 'req') return 'required';
  return qualifier === 'vararg' ? 'rest' : 'optional';
}

/** Whether a use gives more arguments than a macro takes, or none for one that it requires: GNU as refuses both. */
export function isMisused(macro: AsmMacro, [, ...tokens]: readonly AsmToken[]): boolean {
  const { parameters } = macro;
  const isOpen = parameters.at(-1)?.kind === 'rest';
  if (!isOpen && argumentLists(tokens).length > parameters.length) return true;
  const given = macroArguments(macro, tokens);
  return parameters.some(({ name, kind }) => kind === 'required' && (given.get(name) ?? []).length === 0);
}

/** What a use's arguments give to the macro's parameters. */
export function macroArguments(macro: AsmMacro, tokens: readonly AsmToken[]): Arguments {
  const given = new Map<string, readonly AsmToken[]>(
    macro.parameters.map((parameter) => [parameter.name, parameter.default]),
  );
  const names = new Set(given.keys());
  let position = 0;
  for (let rest = tokens; rest.length > 0;) {
    const parameter = macro.parameters[position];
    if (parameter?.kind === 'rest') {
      given.set(parameter.name, rest);
      break;
    }
    const [argument, length] = firstArgument(rest);
    const [name, equals] = argument;
    if (name && equals?.text === '=' && names.has(name.text)) {
      given.set(name.text, argument.slice(2));
    } else {
      if (parameter && argument.length > 0) given.set(parameter.name, argument);
      position++;
    }
    rest = rest.slice(length);
  }
  return given;
}

/** The first argument, and how many tokens it and the separator behind it take. */
function firstArgument(tokens: readonly AsmToken[]): [readonly AsmToken[], number] {
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) break;
    if (depth === 0 && token.text === ',') return [tokens.slice(0, i), i + 1];
    if (depth === 0 && i > 0 && isApart(tokens[i - 1], token)) return [tokens.slice(0, i), i];
    if (token.text === '(') depth++;
    if (token.text === ')') depth = Math.max(0, depth - 1);
  }
  return [tokens, tokens.length];
}

/** A list as `.irp` and parameters have it: separated by commas or by spaces between operands. */
export function argumentLists(tokens: readonly AsmToken[]): (readonly AsmToken[])[] {
  const lists: (readonly AsmToken[])[] = [];
  for (let rest = tokens; rest.length > 0;) {
    const [argument, length] = firstArgument(rest);
    lists.push(argument);
    rest = rest.slice(Math.max(1, length));
  }
  return lists;
}

/** White space ends an argument only between the end of one operand and the beginning of another. */
function isApart(left: AsmToken | undefined, right: AsmToken): boolean {
  if (!left || !right.spaced) return false;
  const endsOperand = left.kind !== 'punctuator' || left.text === ')';
  const beginsOperand = right.kind !== 'punctuator' || ['%', '$', '\\', '.'].includes(right.text);
  return endsOperand && (beginsOperand || (right.text === '(' && left.text === ')'));
}
