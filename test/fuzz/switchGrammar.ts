import fc from 'fast-check';

/** The registers that a random world switch moves, with their numbers: not those that it works with itself, RAX, RSP and RDI. */
const MOVED: readonly (readonly [name: string, number: number])[] = [
  ['rcx', 1],
  ['rdx', 2],
  ['rbx', 3],
  ['rbp', 5],
  ['rsi', 6],
  ...[8, 9, 10, 11, 12, 13, 14, 15].map((number) => [`r${number}`, number] as const),
];

/** Lines of assembly; `%BASE` is the register that points to the vCPU. */
type Lines = string;

const register = fc.constantFrom(...MOVED);

function slot(number: number): string {
  return `SVM_regs + ${number}*8(%BASE)`;
}

/** What a register, its number, and another with its number are used for. A conditional move is done in every run. */
function movesOf(
  kinds: readonly ((name: string, number: number, other: string, its: number) => Lines)[],
): fc.Arbitrary<Lines> {
  return fc
    .tuple(fc.constantFrom(...kinds), register, register)
    .map(([kind, [name, number], [other, its]]) => kind(name, number, other, its));
}

const CHANGES = [
  (name: string) => `xor %${name}, %${name}`,
  (name: string) => `mov $7, %${name}`,
  (name: string, _: number, other: string) => `mov %${name}, %${other}`,
  (name: string, _: number, other: string) => `xchg %${name}, %${other}`,
  (name: string, _: number, other: string) => `push %${name}\n\tpop %${other}`,
  (name: string) => `movq %${name}, %xmm0\n\tmovq %xmm0, %${name}`,
  (name: string) => `bswap %${name}`,
];

const load = movesOf([
  (name, number) => `mov ${slot(number)}, %${name}`,
  (name, number) => `pushq ${slot(number)}\n\tpop %${name}`,
  (name, number) => `lea ${slot(number)}, %${name}\n\tmov (%${name}), %${name}`,
  (name, number) => `test %BASE, %BASE\n\tjz 1f\n\tmov ${slot(number)}, %${name}\n1:`,
  (name, _, __, its) => `mov ${slot(its)}, %${name}`,
]);

const store = movesOf([
  (name, number) => `mov %${name}, ${slot(number)}`,
  (name, number) => `push %${name}\n\tpopq ${slot(number)}`,
  (name, number) => `movq %${name}, %xmm1\n\tmovq %xmm1, ${slot(number)}`,
  (name, number) => `test %BASE, %BASE\n\tjz 1f\n\tmov %${name}, ${slot(number)}\n1:`,
  (_, number) => `movq $0, ${slot(number)}`,
  (name, _, __, its) => `mov %${name}, ${slot(its)}`,
]);

const change = movesOf(CHANGES);

function sideOf(move: fc.Arbitrary<Lines>, base: string): fc.Arbitrary<Lines> {
  const lines = fc.oneof({ weight: 4, arbitrary: move }, { weight: 1, arbitrary: change });
  return fc
    .array(lines, { maxLength: 16 })
    .map((all) => all.map((text) => `\t${text.replaceAll('%BASE', base)}\n`).join(''));
}

/** The body of a function that enters a guest: what is loaded, changed and stored is chosen at random, and all of it is done in a run. */
export const switchBody: fc.Arbitrary<string> = fc
  .tuple(sideOf(load, '%rdi'), sideOf(store, '%rax'))
  .map(([before, after]) => `\tpush %rdi\n\tmov SVM_vmcb_pa(%rdi), %rax\n${before}\tvmrun %rax\n\tpop %rax\n${after}`);
