import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import { isFunctionKnown } from '../source/functionIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { TreeFile } from './includes.js';

/** What C code says of names in assembly. */
export interface NamesInC {
  /** Labels at which VM-exit arrives: what C writes to the VMCS' host RIP (SDM volume 3C, 25.5). */
  readonly exitLabels: ReadonlySet<string>;
  /** Functions that never return: declared so, or with a body that does nothing but die. */
  readonly noReturn: ReadonlySet<string>;
  /** Functions that C code defines or declares. */
  readonly inC: ReadonlySet<string>;
  /** Of these, the ones that are declared to take no argument: what registers hold is not given to them. */
  readonly withoutArguments: ReadonlySet<string>;
}

/** What the C code of a tree says of names that one of the files with assembly has. */
export function namesInC(outlines: readonly SourceOutline[], files: readonly TreeFile[]): NamesInC {
  const all = outlines.map(namesInFile);
  const called = new Set(files.flatMap(calledIn));
  const isUsed = (name: string) => files.some((file) => holdsName(file)(name));
  return {
    exitLabels: new Set(all.flatMap(({ exitLabels }) => [...exitLabels]).filter(isUsed)),
    noReturn: new Set(['panic', ...all.flatMap(({ noReturn }) => [...noReturn])].filter((name) => called.has(name))),
    inC: new Set([...called].filter((name) => isFunctionKnown(outlines, name))),
    withoutArguments: new Set(outlines.flatMap(namesWithoutArguments).filter((name) => called.has(name))),
  };
}

/** Whether a file's text has a name in it. */
const holdsName = memoizeByIdentity(({ text }: TreeFile) => memoizeByName((name) => text.includes(name)));

/** What assembly calls or jumps to, or hands to a macro that does. */
const CALLED = /\b(?:call|j[a-z]+|[A-Z][A-Z_]*)q?[ \t]+([a-z_]\w*)/g;

const calledIn = memoizeByIdentity(({ text }: TreeFile): readonly string[] => [
  ...new Set(Array.from(text.matchAll(CALLED), ([, name = '']) => name)),
]);

const WITHOUT_ARGUMENTS = /\b(\w+)\s*\(\s*void\s*\)/g;

/** The functions that a file declares, or defines, with `(void)`. */
const namesWithoutArguments = memoizeByIdentity(
  ({ code }: SourceOutline): readonly string[] => Array.from(code.matchAll(WITHOUT_ARGUMENTS), ([, name = '']) => name),
  keptTable('namesWithoutArguments'),
);

/** A statement that writes the host's RIP, without what is in it of C's own. */
const HOST_RIP = /\bHOST_RIP\s*,([^;]*);/g;

const NO_RETURN = /\b(?:__)?noreturn\b/;

const namesInFile = memoizeByIdentity(
  ({ source, code, items }: SourceOutline): Pick<NamesInC, 'exitLabels' | 'noReturn'> => {
    const mayDie = NO_RETURN.test(code) || /\b(?:BUG|panic)\(/.test(code);
    if (!mayDie && !source.text.includes('HOST_RIP')) return { exitLabels: new Set(), noReturn: new Set() };
    const statements = Array.from(code.matchAll(HOST_RIP), ([, value = '']) => value);
    const labels = statements.flatMap((value) => value.match(/\b[a-z_]\w*\b/gi) ?? []);
    const dying = items.flatMap((item) => {
      const text = code.slice(item.start, item.end);
      const head = item.bodyStart < 0 ? text : code.slice(item.start, item.bodyStart);
      if (NO_RETURN.test(head)) return head.match(/\b\w+(?=\s*\()/g) ?? [];
      const isDead = item.kind === 'function' && DIES.test(code.slice(item.bodyStart, item.end).trim());
      return isDead ? [item.name] : [];
    });
    return { exitLabels: new Set(labels), noReturn: new Set(dying) };
  },
  keptTable('namesInFile'),
);

/** A body of calls alone, one of which does not return: `{ printk(...); BUG(); }`. */
const DIES = /^\{\s*(?:\w+\([^;{}]*\)\s*;\s*)*(?:BUG|panic|unreachable)\([^;{}]*\)\s*;\s*\}$/;
