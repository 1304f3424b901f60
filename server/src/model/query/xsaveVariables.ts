import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';
import { ARCH_FIELDS, type StateField } from '../../facts/xsave/stateInterfaces.js';
import { fileOffset } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt, functionText, type CFunction } from './functions.js';
import { isMemberAt } from './text.js';
import { stateTitle } from './xsaveStates.js';

/** A local variable or parameter that has a value for XCR0, IA32_XSS or PKRU, or got the one that KVM keeps. */
export interface XsaveVariable {
  readonly fn: CFunction;
  /** As a sentence has it: `XCR0`. */
  readonly state: string;
  /** The members of KVM's that it is set from and written to, with the offsets in the file. */
  readonly from: readonly NamedSite[];
  readonly to: readonly NamedSite[];
}

/** A member of the cache's struct, `arch.xcr0`, where a statement names it. */
interface NamedSite {
  readonly name: string;
  readonly offset: number;
}

/** What a word is as a variable for XSAVE's control registers; null for any other word, and for a member. */
export function xsaveVariableAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): XsaveVariable | null {
  const fn = functionAt(model, path, offset);
  if (!fn?.c.isTelling) return null;
  const text = functionText(model, fn);
  if (isMemberAt(text, offset - fn.start)) return null;
  const assignments = memberAssignments(text).filter(({ variable }) => leadsTo(text, name, variable));
  const [first] = assignments;
  if (!first || assignments.some(({ field }) => field.state !== first.field.state)) return null;
  const sites = (isWritten: boolean) =>
    assignments.flatMap(({ isRead, member, at }) =>
      isRead === isWritten ? [] : [{ name: `${CACHE_MEMBER}.${member}`, offset: fileOffset(fn, at) }],
    );
  return { fn, state: stateTitle(first.field.state), from: sites(false), to: sites(true) };
}

/** An assignment between a variable and a member of the cache's struct that keeps one of these registers. */
interface MemberAssignment {
  readonly variable: string;
  readonly member: string;
  readonly field: StateField;
  /** The variable is set from the member; else it is written to it. */
  readonly isRead: boolean;
  /** Offset in the function. */
  readonly at: number;
}

const READ = new RegExp(`(?<![\\w>.])(\\w+)\\s*=\\s*vcpu->${CACHE_MEMBER}\\.(\\w+)\\s*;`, 'g');
const WRITE = new RegExp(`\\bvcpu->${CACHE_MEMBER}\\.(\\w+)\\s*=\\s*(\\w+)\\s*;`, 'g');

function memberAssignments(text: string): MemberAssignment[] {
  const assignment = (at: number, variable = '', member = '', isRead = false): MemberAssignment[] => {
    const field = ARCH_FIELDS.get(member);
    return field ? [{ variable, member, field, isRead, at }] : [];
  };
  return [
    ...Array.from(text.matchAll(READ)).flatMap(({ 1: variable, 2: member, index }) =>
      assignment(index, variable, member, true),
    ),
    ...Array.from(text.matchAll(WRITE)).flatMap(({ 1: member, 2: variable, index }) =>
      assignment(index, variable, member),
    ),
  ];
}

/** Whether a variable is another, or what that is initialised with: `xcr` of `u64 xcr0 = xcr;`. */
function leadsTo(text: string, name: string, variable: string): boolean {
  if (name === variable) return true;
  const initial = Array.from(text.matchAll(/(?<![\w>.])(\w+)\s*=\s*(\w+)\s*[;,]/g));
  return initial.some(([, target, value]) => target === variable && value === name);
}
