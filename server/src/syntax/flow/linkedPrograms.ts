import type { AsmCode, AsmFunction, AsmInstruction, CodePlace } from '../assembler/instruction.js';
import type { Assembly } from '../assembler/readAssembly.js';
import { controlOf } from './control.js';
import { targetLabel } from './controlFlowGraph.js';

/** An assembly file as a kernel of a word size has it. */
export interface AsmFile {
  readonly path: string;
  readonly assembly: Assembly;
}

/** Code that is followed as one, and the functions that it consists of. */
export interface Program extends AsmCode {
  readonly functions: readonly AsmFunction[];
}

/** A file's own part of the program that it belongs to. */
export interface LinkedFile {
  readonly own: Assembly;
  readonly program: Program;
}

/** Instructions of a file with small functions: beyond it, what it has is not followed from other files. */
const MOST_INSTRUCTIONS = 2_000;

/**
 * Puts files into one program where the functions that enter a guest call or jump from one to the other, as the linker does
 * (ld manual, "Scripts"): by a name that one file only defines. All other files are programs of their own. In the order of `files`.
 */
export function linkedFiles(files: readonly AsmFile[], entering: ReadonlySet<string>): LinkedFile[] {
  const groupOf = linkedGroups(files, entering);
  const programs = new Map<number, Program>();
  const parts = files.map(({ path, assembly }, i) => {
    const isAlone = groupOf.filter((group) => group === groupOf[i]).length === 1;
    return isAlone ? assembly : placedIn(path, assembly, i * MOST_POSITIONS);
  });
  return parts.map((own, i) => {
    const group = groupOf[i] ?? i;
    const program = programs.get(group) ?? joined(parts.filter((_, other) => groupOf[other] === group));
    programs.set(group, program);
    return { own, program };
  });
}

/** More than one file has. */
const MOST_POSITIONS = 1_000_000;

/** A function by its file. */
interface Callee {
  readonly file: number;
  readonly name: string;
}

/** For each file, the number of the first file of those that it is linked with. */
function linkedGroups(files: readonly AsmFile[], entering: ReadonlySet<string>): number[] {
  const groups = files.map((_, i) => i);
  const definers = filesByFunction(files);
  const start = files.flatMap(({ assembly }, file) =>
    assembly.functions.flatMap(({ name }): Callee[] => (entering.has(name) ? [{ file, name }] : [])),
  );
  const reached = new Map(start.map((callee) => [`${String(callee.file)} ${callee.name}`, callee]));
  // A map's iteration goes on to what is added meanwhile.
  for (const { file, name } of reached.values()) {
    for (const label of labelsReached(files[file]?.assembly, name)) {
      const all = definers.get(label) ?? [];
      const [only] = all;
      const to = all.includes(file) ? file : all.length === 1 ? only : undefined;
      if (to === undefined) continue;
      reached.set(`${String(to)} ${label}`, { file: to, name: label });
      const [from, into] = [groups[file] ?? file, groups[to] ?? to].sort((a, b) => b - a);
      groups.forEach((group, i) => {
        if (group === from) groups[i] = into ?? group;
      });
    }
  }
  return groups;
}

function filesByFunction(files: readonly AsmFile[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  files.forEach(({ assembly: { functions, instructions } }, i) => {
    if (instructions.length > MOST_INSTRUCTIONS) return;
    for (const name of new Set(functions.map((fn) => fn.name))) found.set(name, [...(found.get(name) ?? []), i]);
  });
  return found;
}

/** The labels that a function calls or jumps to, but for what is patched in. */
function labelsReached(assembly: Assembly | undefined, name: string): string[] {
  const leads = (instruction: AsmInstruction) =>
    instruction.function === name && !instruction.alternative && controlOf(instruction) !== 'next';
  return (assembly?.instructions ?? []).filter(leads).flatMap(({ operands }) => targetLabel(operands) ?? []);
}

/** A file's assembly as part of a program: its code is told by its file, and stands apart from others'. */
function placedIn(file: string, assembly: Assembly, shift: number): Assembly {
  const placed = <P extends CodePlace>(piece: P): P => ({
    ...piece,
    file,
    position: piece.position + shift,
    alternative: piece.alternative && { ...piece.alternative, use: piece.alternative.use + shift },
  });
  return {
    ...assembly,
    functions: assembly.functions.map((fn) => ({ ...fn, file })),
    instructions: assembly.instructions.map(placed),
    alternatives: assembly.alternatives.map(placed),
    data: assembly.data.map(placed),
  };
}

function joined(parts: readonly Assembly[]): Program {
  const [only, another] = parts;
  if (only && !another) return only;
  return {
    functions: parts.flatMap(({ functions }) => functions),
    instructions: parts.flatMap(({ instructions }) => instructions),
    alternatives: parts.flatMap(({ alternatives }) => alternatives),
    data: parts.flatMap(({ data }) => data),
  };
}
