import { placeTables } from '../../backends/registry.js';
import type { Backend } from '../../backends/backend.js';
import { functionsThat } from '../source/functionIndex.js';
import type { FunctionSource } from '../source/functionSource.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { CACHE_ARRAY } from './cacheNames.js';

/** A parameter that is a VMCB, or an area of one (asm/svm.h). */
const VMCB_PARAMETER = /\bstruct\s+vmcb(?:_\w*area)?\s*\*/;

/**
 * The functions that are given a VMCB, or an area of one, and name registers or areas of it, and those given one that hand it on:
 * which VMCB they work on is their callers' to say.
 */
export function vmcbFunctions(outlines: readonly SourceOutline[], backends: readonly Backend[]): ReadonlySet<string> {
  const given = outlines.flatMap(givenVmcb);
  const { structs, members } = placeTables(backends);
  const telling = new Set([CACHE_ARRAY, ...structs.keys(), ...members.keys()]);
  const found = new Set<string>();
  const add = (words: ReadonlySet<string>) => {
    const fresh = given.filter((fn) => !found.has(fn.name) && namesAny(fn, words)).map(({ name }) => name);
    for (const name of fresh) found.add(name);
    return fresh;
  };
  for (let fresh = add(telling); fresh.length > 0;) fresh = add(new Set(fresh));
  return found;
}

const givenVmcb = functionsThat('givenVmcb', ({ code, bodyStart }) => VMCB_PARAMETER.test(code.slice(0, bodyStart)));

function namesAny({ words }: FunctionSource, names: ReadonlySet<string>): boolean {
  for (const name of names) if (words.has(name)) return true;
  return false;
}
