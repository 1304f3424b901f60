import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { argumentTexts, parameterNames } from './callText.js';
import { functionAt, functionText, isInC, type CFunction } from './functions.js';
import { sourceOf } from './text.js';

/** The structs that describe one segment register: KVM's (uapi/asm/kvm.h), and the VMCB's (asm/svm.h). */
const DESCRIPTION = 'kvm_segment';
const AREA = 'vmcb_seg';

/**
 * A word that has to do with a segment register that no field names. `part`: a member of a description; `whole`: a variable that is one;
 * `kept`: a member that keeps several; `number`: a variable that says which.
 */
export interface SegmentPart {
  readonly role: 'part' | 'whole' | 'kept' | 'number';
  /** Of what is described, whether it is the VMCB's, and not a description of KVM's own. */
  readonly isInVmcb: boolean;
  /** Of a number, the function that gets it; null for its own function's parameter. */
  readonly callee: string | null;
  /** The enum's register that stands for all segments; null where it has none. */
  readonly register: Register | null;
}

/** What a word of a file has to do with a segment register by the types of its function's variables, or by its own; null for nothing. */
export function segmentPartAt(model: RegisterModel, path: string, offset: number, name: string): SegmentPart | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - LONGEST_HOLDER), offset) ?? '';
  const register = model.registers.find((one) => one.register === 'SEGMENTS') ?? null;
  if (/(?:->|\.)\s*$/.test(before) && keptSegments(model).has(name))
    return { role: 'kept', isInVmcb: false, callee: null, register };
  const fn = functionAt(model, path, offset);
  if (!fn || !isInC(fn)) return null;
  const holder = /(?<![\w.>])(\w+)(?:->|\.)$/.exec(before)?.[1];
  if (holder === undefined && /(?:->|\.)\s*$/.test(before)) return null;
  const found = segmentVariables(model)(fn).get(holder ?? name);
  if (!found) return null;
  if (holder === undefined) return { ...found, register };
  return found.role === 'whole' ? { ...found, role: 'part', register } : null;
}

/** Characters before a member in which its holder stands. */
const LONGEST_HOLDER = 40;

/** The members of KVM's own structs that keep several descriptions, by their names: `struct kvm_segment segs[8]`. */
const keptSegments = memoizeByIdentity(({ files }: RegisterModel): ReadonlySet<string> => {
  const own = [...files.values()].filter(({ source }) => !/(?:^|\/)uapi\//.test(source.path));
  const declared = own.flatMap(({ source: { text } }) => Array.from(text.matchAll(KEPT)));
  return new Set(declared.map(([, name = '']) => name));
});

const KEPT = new RegExp(`\\bstruct ${DESCRIPTION} (\\w+)\\[`, 'g');

/** The variables of a function that are segment registers, or the number of one. */
const segmentVariables = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): ReadonlyMap<string, Omit<SegmentPart, 'register'>> => {
    const text = functionText(model, fn);
    const number = numberParameter(text);
    return new Map([
      ...numbersHanded(model, fn, text),
      ...(number === null ? [] : [[number, numberOf(null)] as const]),
      ...Array.from(text.matchAll(DECLARED)).map(
        ([, struct, name = '']) => [name, { role: 'whole' as const, isInVmcb: struct === AREA, callee: null }] as const,
      ),
    ]);
  }),
);

/** `struct kvm_segment *var`, as a local variable or a parameter, by the kernel's style. */
const DECLARED = new RegExp(`\\bstruct (${DESCRIPTION}|${AREA}) \\*?(\\w+)\\s*[=;,)]`, 'g');

function numberOf(callee: string | null): Omit<SegmentPart, 'register'> {
  return { role: 'number', isInVmcb: false, callee };
}

const POINTED = new RegExp(`\\bstruct\\s+${DESCRIPTION}\\s*\\*`);

/** The parameter of a function that says which segment register its description is of: the one `int` beside it; null for none. */
function numberParameter(text: string): string | null {
  const head = text.slice(0, text.indexOf('{'));
  if (!POINTED.test(head)) return null;
  const [number, another] = Array.from(head.matchAll(/\bint\s+(\w+)\s*[,)]/g));
  return another === undefined ? (number?.[1] ?? null) : null;
}

/** The variables that a function hands to such a parameter of another. */
function numbersHanded(model: RegisterModel, fn: CFunction, text: string) {
  return model.graph.callees(fn).flatMap(({ callee, operation, offset }) => {
    if (!isInC(callee)) return [];
    const called = functionText(model, callee);
    const parameter = numberParameter(called);
    const given =
      parameter === null ? undefined : argumentTexts(text, offset)[parameterNames(called).indexOf(parameter)];
    return given !== undefined && /^[a-z_]\w*$/.test(given)
      ? [[given, numberOf(operation ?? callee.name)] as const]
      : [];
  });
}
