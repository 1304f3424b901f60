import fc from 'fast-check';
import { assertAgreement } from './cpp.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';

/** Macros, all of them function-like but `E`, and what is expanded. */
interface Input {
  readonly bodies: readonly (readonly string[])[];
  readonly uses: readonly string[];
}

/** Macros, each with its parameters as they are written and as its body names them. */
const MACROS = [
  { head: 'A(x)', parameters: ['x'] },
  { head: 'B(x, y)', parameters: ['x', 'y'] },
  { head: 'C()', parameters: [] },
  { head: 'D(x, ...)', parameters: ['x', '__VA_ARGS__'] },
  { head: 'E', parameters: [] },
  { head: 'F(x, y...)', parameters: ['x', 'y'] },
] as const;

/** Their names, and one that is no macro's. */
const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'a'];

/**
 * A body of some pieces. Neither here nor in a use stands a bracket behind anything but a name that takes it: C leaves open what a
 * circle of macros is whose arguments stand partly behind the expansion (C11 6.10.3.4, 4), and GCC and we differ there.
 */
function bodyOf(parameters: readonly string[]): fc.Arbitrary<readonly string[]> {
  const plain = fc.constantFrom('a', '1', '"s"', "'c'", '+', ',', '[a]', 'a##1', ...NAMES, 'C()', 'B(a, 1)', 'D(1)');
  if (parameters.length === 0) return fc.array(plain, { maxLength: 5 });
  const parameter = fc.constantFrom(...parameters);
  const made = fc.tuple(parameter, fc.constantFrom('#%', '# %', '% ## %', 'a##%', '%##1', ', ##%'));
  const piece = fc.oneof(
    plain,
    parameter,
    made.map(([name, form]) => form.replaceAll('%', name)),
  );
  return fc.array(piece, { maxLength: 5 });
}

const { use } = fc.letrec<{ use: string }>((tie) => ({
  use: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('', 'a', '1', '"s\\n"', ...NAMES),
    fc
      .tuple(fc.constantFrom('A', 'B', 'C', 'D', 'F'), fc.array(tie('use'), { maxLength: 3 }))
      .map(([macro, given]) => `${macro}(${given.join(', ')})`),
    fc.tuple(tie('use'), tie('use')).map((both) => both.join(' ')),
  ),
}));

/** Random macros and uses of them, expanded by us and by GCC. */
export function macroFuzzer(): Fuzzer {
  return fuzzerOf<Input>({
    name: 'macros',
    inputs: fc.record({
      bodies: fc.tuple(...MACROS.map(({ parameters }) => bodyOf(parameters))),
      uses: fc.array(use, { minLength: 1, maxLength: 20 }),
    }),
    judge: (input) => {
      assertAgreement(definesOf(input), input.uses);
    },
    filesOf: (input) => new Map([['macros.c', `${definesOf(input)}${input.uses.join('\n')}\n`]]),
  });
}

function definesOf({ bodies }: Input): string {
  return MACROS.map(({ head }, i) => `#define ${head} ${(bodies[i] ?? []).join(' ')}\n`).join('');
}
