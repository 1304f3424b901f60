import type { AsmMacro } from '../../syntax/assembler/asmMacro.js';
import type { AsmToken } from '../../syntax/assembler/asmToken.js';
import type { AsmDefinitions } from '../../syntax/assembler/definitions.js';
import { directiveName } from '../../syntax/assembler/statements.js';
import { isSymbolAssignment } from '../../syntax/assembler/symbols.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { GPR_NAMES } from '../registers/registerMember.js';

/** An assembly macro that gives a register's number for its name. The span is the macro's name. */
export interface NameTable extends Span {
  readonly file: string;
  readonly name: string;
  /** The numbers of the GPRs that it names. */
  readonly registers: ReadonlySet<number>;
}

/** What one file defines. */
export interface DefiningFile {
  readonly path: string;
  readonly definitions: AsmDefinitions;
}

/** The name tables that assembly uses, by way of any macros, out of all that it includes. */
export function nameTables(text: string, files: readonly DefiningFile[]): NameTable[] {
  const macros = new Map<string, { readonly path: string; readonly macro: AsmMacro }>();
  for (const { path, definitions } of files)
    for (const macro of definitions.asmMacros) if (!macros.has(macro.name)) macros.set(macro.name, { path, macro });
  // A set's iteration goes on to what is added meanwhile.
  const used = new Set((text.match(/\w+/g) ?? []).filter((word) => macros.has(word)));
  const found: NameTable[] = [];
  for (const name of used) {
    const own = macros.get(name);
    if (!own) continue;
    for (const { tokens } of own.macro.body) for (const { text: word } of tokens) if (macros.has(word)) used.add(word);
    const registers = namedRegisters(own.macro);
    const { nameStart: start } = own.macro;
    if (registers.size > 0) found.push({ file: own.path, name, start, end: start + name.length, registers });
  }
  return found;
}

/** Directives that compare a name, or go through a list of names or of the numbers in them (GNU as manual, 7). */
const COMPARING = /^\.(?:ifc|ifnc|ifeqs)$/;
const LISTING = '.irp';

/** The registers that a macro compares with, if it sets a symbol by that. */
function namedRegisters({ body }: AsmMacro): Set<number> {
  if (!body.some(({ tokens }) => setsSymbol(tokens))) return new Set();
  const names = body.flatMap(({ tokens }) => {
    const directive = directiveName(tokens) ?? '';
    if (COMPARING.test(directive)) return tokens.map(({ text }) => text);
    return directive === LISTING ? tokens.map(({ kind, text }) => (kind === 'number' ? `r${text}` : text)) : [];
  });
  return new Set(names.map((name) => GPR_NAMES.indexOf(name.toUpperCase())).filter((number) => number >= 0));
}

/** `.set NAME, value`, and `\parameter = value`, which is no plain assignment before the parameter is put in. */
function setsSymbol(tokens: readonly AsmToken[]): boolean {
  return isSymbolAssignment(tokens) || tokens.some((token) => token.text === '=');
}
