import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { argumentTexts, parameterNames } from './callText.js';
import { functionAt, functionText, isInC, type CFunction } from './functions.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { sourceOf } from './text.js';

/** The structs that describe one segment register: KVM's (uapi/asm/kvm.h), and the VMCB's (asm/svm.h). */
const DESCRIPTION = 'kvm_segment';
const AREA = 'vmcb_seg';

/**
 * A word that has to do with a segment register that no field names. `part`: a member of a description; `whole`: a variable that is one;
 * `kept`: a member that keeps several; `table`: which field of the VMCS has which part of each; `number`: a variable that says which.
 */
export interface SegmentPart {
  readonly role: 'part' | 'whole' | 'kept' | 'table' | 'number';
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
  const role = roleByName(model, before, name);
  if (role) return { role, isInVmcb: false, callee: null, register };
  const fn = functionAt(model, path, offset);
  if (!fn || !isInC(fn)) return null;
  const holder = /(?<![\w.>])(\w+)(?:->|\.)$/.exec(before)?.[1];
  if (holder === undefined && /(?:->|\.)\s*$/.test(before)) return null;
  const found = segmentVariables(model)(fn).get(holder ?? name);
  if (!found) return null;
  if (holder === undefined) return { ...found, register };
  return found.role === 'whole' ? { ...found, role: 'part', register } : null;
}

/** What a name says by itself, as a member or an array of KVM's. */
function roleByName(model: RegisterModel, before: string, name: string): 'kept' | 'table' | null {
  if (fieldTables(model).has(name)) return 'table';
  return /(?:->|\.)\s*$/.test(before) && keptSegments(model).has(name) ? 'kept' : null;
}

/** Characters before a member in which its holder stands. */
const LONGEST_HOLDER = 40;

/** The members of KVM's own structs that keep several descriptions, by their names: `struct kvm_segment segs[8]`. */
const keptSegments = memoizeByIdentity(({ files }: RegisterModel): ReadonlySet<string> => {
  const own = [...files.values()].filter(({ source }) => !/(?:^|\/)uapi\//.test(source.path));
  return new Set(own.flatMap(({ source }) => keptIn(source)));
});

const keptIn = memoizeByIdentity(({ text }: SourceText): readonly string[] =>
  Array.from(text.matchAll(KEPT)).map(([, name = '']) => name),
);

/** The arrays that have the number of a VMCS' field for each part of each segment, by their names (vmx/vmx.c). */
const fieldTables = memoizeByIdentity(
  ({ files }: RegisterModel): ReadonlySet<string> =>
    new Set([...files.values()].flatMap(({ source }) => tablesIn(source))),
);

const tablesIn = memoizeByIdentity(({ text }: SourceText): readonly string[] =>
  Array.from(text.matchAll(TABLE)).flatMap(([, members = '', name = '']) =>
    PARTS.every((part) => members.split(/\W+/).includes(part)) ? [name] : [],
  ),
);

const TABLE = /\bstruct \w+ \{([^{}]*)\}\s*(\w+)\[\]/g;
const PARTS = ['selector', 'base', 'limit', 'ar_bytes'] as const;

const KEPT = new RegExp(`\\bstruct ${DESCRIPTION} (\\w+)\\[`, 'g');

/** The variables of a function that are segment registers, or the number of one. */
const segmentVariables = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): ReadonlyMap<string, Omit<SegmentPart, 'register'>> => {
    const text = functionText(model, fn);
    const number = numberParameter(model, text);
    return new Map([
      ...numbersHanded(model, fn, text),
      ...indexesIn(model, text).map((index) => [index, numberOf(null)] as const),
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

/** The variables by which a function picks an element of such a table. */
function indexesIn(model: RegisterModel, text: string): string[] {
  const tables = fieldTables(model);
  return Array.from(text.matchAll(/\b(\w+)\[([a-z_]\w*)\]/g)).flatMap(([, table = '', index = '']) =>
    tables.has(table) ? [index] : [],
  );
}

/** The parameter of a function that says which segment register it is about: that by which it picks an element of a table, or the one `int` beside a description; null for none. */
function numberParameter(model: RegisterModel, text: string): string | null {
  const index = indexesIn(model, text).find((one) => parameterNames(text).includes(one));
  if (index !== undefined) return index;
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
    const parameter = numberParameter(model, called);
    const given =
      parameter === null ? undefined : argumentTexts(text, offset)[parameterNames(called).indexOf(parameter)];
    return given !== undefined && /^[a-z_]\w*$/.test(given)
      ? [[given, numberOf(operation ?? callee.name)] as const]
      : [];
  });
}
