import { describe, expect, it } from 'vitest';
import { treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { samplePath } from '../samples.js';
import {
  answersOf,
  arrayPlace,
  flowReader,
  type Answers,
  type ArrayPlace,
  type FlowReader,
  type Texts,
} from '../slotAnswers.js';

/** Lines that change nothing, and are understood. */
const UNDERSTOOD = [
  '\tbswap %rbx; bswap %rbx',
  '\tpush %rbx; pop %rbx',
  '\txchg %rbx, %rbx',
  '\tcall .Lharmless; .pushsection .text.harmless, "ax"; .Lharmless: ret; .popsection',
  '\t.pushsection .text.harmless, "ax"; nop; ud2; .popsection',
];

/** Lines of which that is not known. */
const UNKNOWN = ['\tUNKNOWN_MACRO', '\tUNKNOWN_MACRO %r11, $7'];

const LINES = [...UNKNOWN, ...UNDERSTOOD];

/** Files whose functions are looked at, and the argument by which some get the register array. */
const WORLD_SWITCHES = ['arch/x86/kvm/svm/vmenter.S', 'arch/x86/kvm/vmx/vmenter.S'];
const ARRAY_ARGUMENT = 2;

function textsOf(root: string): Texts {
  return Object.fromEntries(treeAt(root).files.map(({ path, text }) => [path, text]));
}

/** A text with a line before another one; null where no statement may stand: in a macro or a comment, or behind a backslash. */
function withLine(lines: readonly string[], at: number, line: string): string | null {
  const before = lines.slice(0, at).join('\n');
  const isOpen =
    /\\$/.test(before) ||
    count(before, '/*') !== count(before, '*/') ||
    count(before, '.macro') !== count(before, '.endm');
  return isOpen ? null : [...lines.slice(0, at), line, ...lines.slice(at)].join('\n');
}

function count(text: string, word: string): number {
  return text.split(word).length - 1;
}

/** What is said of all functions that enter a guest: `__vmx_vcpu_run load RAX`. */
function allAnswers(read: FlowReader, text: string, array: ArrayPlace): Answers {
  return new Map(
    Array.from(read(text)).flatMap(([name, flow]) =>
      Array.from(answersOf(flow, array), ([key, answer]) => [`${name} ${key}`, answer] as const),
    ),
  );
}

/** What a line may not do: an absence is proved that was none, or what is understood changes an answer. */
function mistakes(before: Answers, after: Answers, isUnderstood: boolean): string[] {
  return Array.from(before).flatMap(([key, { kind }]) => {
    const now = after.get(key)?.kind ?? 'nothing';
    const isFine = now === kind || (!isUnderstood && now === 'unknown');
    return isFine ? [] : [`${key}: ${kind}, then ${now}`];
  });
}

/** Puts each line in at places of a file, every `step`-th one. Returns the mistakes, and how many places there were. */
function tryLines(files: Texts, path: string, step: number): { found: string[]; places: number } {
  const text = files[path] ?? '';
  const read = flowReader(files, path);
  const array = arrayPlace(files, ARRAY_ARGUMENT);
  const before = allAnswers(read, text, array);
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('SYM_FUNC_START'));
  const last = lines.findLastIndex((line) => line.startsWith('SYM_FUNC_END'));
  let places = 0;
  const found: string[] = [];
  for (let at = first + 1; at <= last; at += step) {
    // One after the other, so that each line stands at many places.
    const line = LINES[Math.floor((at - first) / step) % LINES.length] ?? '';
    const changed = withLine(lines, at, line);
    if (changed === null) continue;
    places++;
    const wrong = mistakes(before, allAnswers(read, changed, array), UNDERSTOOD.includes(line));
    found.push(...wrong.map((mistake) => `${path}:${String(at + 1)} ${line.trim()}: ${mistake}`));
  }
  return { found, places };
}

describe('a harmless line in a sample’s world switch', () => {
  it.each(['load-store-regs', 'vcpu-offsets', 'apx-world-switch'])('takes nothing away: %s', (sample) => {
    const files = textsOf(samplePath(sample));
    for (const path of WORLD_SWITCHES) {
      const { found, places } = tryLines(files, path, 1);
      expect(places).toBeGreaterThan(20);
      expect(found).toEqual([]);
    }
  });
});

describeKernels('a harmless line in a kernel’s world switch', ({ root }) => {
  it('takes nothing away', () => {
    const files = textsOf(root);
    for (const path of WORLD_SWITCHES) {
      const { found, places } = tryLines(files, path, 11);
      expect(places).toBeGreaterThan(5);
      expect(found).toEqual([]);
    }
  });
});
