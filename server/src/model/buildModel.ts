import type { Reason } from '../backends/owner.js';
import { egprRegister, isKept, type EgprTree } from './egpr/egprRegister.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { TreeNumbers } from '../facts/regnum/treeNumbers.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import type { AsmFileFacts } from '../facts/assembly/asmFile.js';
import { EGPRS } from '../syntax/x86/registers.js';
import { backendsOf } from './treeBackends.js';
import { callGraphBuilder, type CallGraph } from './callGraph.js';
import { ownersOf, storageOf, transfersOf } from './owners.js';
import { phasesOf } from './phases.js';
import type { ModelProblem } from './modelProblem.js';
import type { ModelFile, Register, RegisterModel } from './registerModel.js';
import type { Steps } from './steps.js';
import { unknownProblems } from './unknownProblems.js';
import { unreadFileReasons, withUnreadFiles, withUnreadXsave } from './unreadFiles.js';
import { missingAccessors } from './missingAccessors.js';
import { offsetMembers, slotFinder, slotMoves, slotReferences, type SlotMove } from './slots.js';
import { ownerInputs } from './ownerInputs.js';
import { allTransfers } from './registerTransfers.js';
import type { ComponentFacts } from '../facts/xsave/componentFacts.js';
import { xsaveModel } from './xsave/readXsave.js';
import { egprOwners } from './egpr/egprOwners.js';
import { apxComponent } from './egpr/apxComponent.js';
import { withSwitchedEgprs, withUnknownEgprs } from './egpr/switchedEgprs.js';
import { withEgprTransfers } from './egpr/egprTransfers.js';

/** The facts of a tree's files, and what names it. */
interface TreeFacts {
  readonly root: string;
  readonly kernel: string | null;
  readonly symbols: TreeSymbols;
  readonly files: readonly FileFacts[];
  readonly assembly: readonly AsmFileFacts[];
  readonly components: ComponentFacts;
  readonly numbers: () => TreeNumbers;
  /** Files, with no line, and parts of files that could not be read. */
  readonly unread: readonly ModelProblem[];
  /** Files whose text is not as it is on disk, but all there. */
  readonly repaired: readonly ModelProblem[];
}

/** Links the facts of all files into one model, in steps. */
type ModelBuilder = (tree: TreeFacts) => Steps<RegisterModel, 'model'>;

/** Builds models. Pure: what is remembered of files that stay as they are spares work and changes nothing. */
export function modelBuilder(): ModelBuilder {
  const callGraph = callGraphBuilder();
  return function* (tree) {
    yield 'model';
    const graph = yield* callGraph(tree.files, tree.assembly, tree.symbols.opaqueEntries);
    yield 'model';
    return yield* buildModel(tree, graph);
  };
}

function* buildModel(tree: TreeFacts, graph: CallGraph): Steps<RegisterModel, 'model'> {
  const { symbols, files, assembly } = tree;
  const offsets = offsetMembers(files);
  const slotAt = slotFinder(files, offsets, symbols.registers);
  const slots = slotMoves(assembly, symbols.registers, slotAt);
  const phases = phasesOf(files, graph, symbols);
  const sources = new Map(assembly.map((file) => [file.source.path, file.source]));
  yield 'model';
  const moved = yield* allTransfers({ files, slots, symbols, graph, phases, sources });
  yield 'model';
  const copied = yield* xsaveModel(files, tree.components, { symbols, graph, phases });
  yield 'model';
  const transfers = withEgprTransfers({ files, symbols, graph, phases, xsave: copied }, moved);
  const xsave = withSwitchedEgprs(copied, transfers, symbols.registers);
  yield 'model';
  const backends = backendsOf(symbols.backends, graph, transfers, slotAt);
  const unread = [...tree.unread, ...fileProblems(tree)];
  const facts = ownerInputs({ files, assembly, symbols, graph, phases, transfers, backends, unread, slotAt, offsets });
  const lacking = missingAccessors(facts);
  const open = [...unreadFileReasons(unread), ...lacking];
  yield 'model';
  const found = yield* registersOf({ facts, backends, state: apxComponent(xsave) });
  const registers = withUnreadFiles(found, open, { graph, known: symbols.backends, backends });
  return {
    root: tree.root,
    kernel: tree.kernel,
    symbols,
    files: modelFiles(files, assembly, slots),
    backends,
    registers,
    graph,
    phases,
    slots,
    assembly,
    xsave: withUnreadXsave(withUnknownEgprs(xsave, registers), open),
    numbers: tree.numbers,
    unread: [...unread, ...lacking.map(lackingProblem)],
    problems: [
      ...missingEnum(tree),
      ...tree.repaired,
      ...unread.map(listedPart),
      ...unknownProblems(registers, backends),
    ],
  };
}

function modelFiles(
  files: readonly FileFacts[],
  assembly: readonly AsmFileFacts[],
  slots: readonly SlotMove[],
): Map<string, ModelFile> {
  const found = new Map<string, ModelFile>(
    files.map((file) => [file.source.path, { source: file.source, references: file.references, facts: file }]),
  );
  for (const file of assembly) {
    const known = found.get(file.source.path);
    const references = [...(known?.references ?? []), ...slotReferences(slots, file)].sort((a, b) => a.start - b.start);
    found.set(file.source.path, { source: known?.source ?? file.source, references, facts: known?.facts ?? null });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function* registersOf(tree: EgprTree): Steps<Register[], 'model'> {
  const { facts, backends } = tree;
  const { members } = facts.symbols.registers;
  const aliases = new Map<string, string[]>(members.map((member) => [member.name, []]));
  for (const { name, aliasOf } of members) if (aliasOf !== null) aliases.get(aliasOf)?.push(name);
  const known: Register[] = [];
  for (const member of members) {
    if (member.role !== 'register') continue;
    yield 'model';
    const egpr = EGPRS.has(member.register) ? egprRegister(tree, member.register, member) : null;
    known.push({
      member,
      register: member.register,
      class: member.class,
      aliases: aliases.get(member.name) ?? [],
      storage: storageOf(facts, member),
      owners: egpr ? egprOwners(egpr, backends) : ownersOf(facts, member, backends),
      transfers: transfersOf(facts, member),
      egpr,
    });
  }
  yield 'model';
  const names = new Set(known.map((register) => register.register));
  const absent = [...EGPRS].filter((name) => !names.has(name));
  return [...known, ...absent.map((name) => absentRegister(tree, name))];
}

/** A general-purpose register that the architecture has and the tree's enum lacks. */
function absentRegister(tree: EgprTree, name: string): Register {
  const register = egprRegister(tree, name, null);
  return {
    member: null,
    register: name,
    class: 'gpr',
    aliases: [],
    storage: null,
    owners: egprOwners(register, tree.backends),
    transfers: isKept(register) ? [...register.accesses, ...register.userspace] : [],
    egpr: register,
  };
}

function lackingProblem({ file, line, what, why }: Reason): ModelProblem {
  return { file, line, message: `${what} ${why}` };
}

function listedPart({ file, line, message }: ModelProblem): ModelProblem {
  return { file, line, message };
}

function fileProblems(tree: TreeFacts): ModelProblem[] {
  const { registers } = tree.symbols;
  const unread = [...tree.files, ...tree.assembly].flatMap((file) =>
    file.problems.map(({ line, message }) => ({ file: file.source.path, line, message })),
  );
  const enums = registers.problems.map(({ location, message }) => ({
    file: location.file,
    line: location.line,
    message,
  }));
  return [...enums, ...unread];
}

/** What a tree without the enum of the register cache cannot say. */
function missingEnum({ symbols, unread }: TreeFacts): ModelProblem[] {
  if (symbols.registers.members.some((member) => member.declared !== null)) return [];
  const where = unreadFileReasons(unread).length > 0 ? 'in what could be read of this tree' : 'in this tree';
  const message = `no enum kvm_reg ${where}: its registers are those that its code names, without their numbers`;
  return [{ file: 'arch/x86/include/asm/kvm_host.h', line: null, message }];
}
