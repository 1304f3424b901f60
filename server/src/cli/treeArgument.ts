import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { requireUsage } from './commandError.js';
import { COMMANDS, OPERANDS, synopsisOf, type CommandName, type Operand } from './commandTable.js';
import { isRegisterName } from './registerNames.js';

/** A command's arguments, told apart. */
interface Arguments {
  /** The directory that is named as TREE; null where it is left out. */
  readonly tree: string | null;
  readonly rest: readonly string[];
}

/**
 * Tells TREE, which may be left out, from a command's other arguments.
 * @throws CommandError for too many or too few.
 */
export function splitArguments(command: CommandName, given: readonly string[]): Arguments {
  const { operands } = COMMANDS[command];
  const other = operands.find(({ name }) => name !== 'TREE') ?? null;
  const takesTree = operands.some(({ name }) => name === 'TREE');
  const [first = ''] = given;
  const hasTree = takesTree && given.length > 0 && isTree(first, other?.count ?? 'none', given.length);
  const isMistaken = hasTree && isRegisterName(first) && !isDirectory(first);
  requireUsage(!isMistaken, `'${first}' is a register, where ${command} wants TREE: ${synopsisOf(command)}`);
  const rest = hasTree ? given.slice(1) : given;
  requireCount(command, other, rest);
  return { tree: hasTree ? first : null, rest };
}

/** How many arguments besides TREE a command takes at the most. */
const MOST: Readonly<Record<Operand['count'], number>> = { one: 1, optional: 1, any: Infinity };

function requireCount(command: CommandName, operand: Operand | null, rest: readonly string[]): void {
  if (operand?.count === 'one') {
    const [only = ''] = rest;
    const isOne = rest.length === 1 && only !== '' && !(operand.name === 'REGISTER' && isPath(only));
    requireUsage(isOne, `${command} wants one ${OPERANDS[operand.name].title}: ${synopsisOf(command)}`);
  }
  const extra = rest[operand ? MOST[operand.count] : 0];
  requireUsage(extra === undefined, `${command} does not take '${extra ?? ''}' as well: ${synopsisOf(command)}`);
}

/** Whether the first of a command's arguments is TREE, by how many others the command takes. */
function isTree(first: string, others: 'none' | 'one' | 'optional' | 'any', count: number): boolean {
  if (others === 'none') return true;
  if (others === 'one') return count > 1;
  return isPath(first) || (!isRegisterName(first) && isDirectory(first));
}

/** Whether a word can be no register's name, because it is written as a path. */
function isPath(word: string): boolean {
  return /[\\/]/.test(word) || word === '.' || word === '..';
}

/**
 * Where a tree is looked for that no argument names: around a file that is named and is there, else around the current directory.
 */
export function startOfSearch(file: string | null): string {
  if (file === null || kindAt(file) !== 'file') return resolve('.');
  return dirname(resolve(file));
}

function isDirectory(path: string): boolean {
  return kindAt(path) === 'directory';
}

/** What is at a path; null for nothing, for a device, and for what cannot be looked at. */
function kindAt(path: string): 'file' | 'directory' | null {
  try {
    const status = statSync(path);
    if (status.isFile()) return 'file';
    return status.isDirectory() ? 'directory' : null;
  } catch {
    return null;
  }
}
