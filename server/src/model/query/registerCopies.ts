import { memoizeByIdentity } from '../../cache/memoize.js';
import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';
import type { GraphNode } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctions, functionText, isInC } from './functions.js';
import { registerOf } from './registers.js';
import { sourceOf } from './text.js';

/** A member of a backend's own struct in which KVM keeps what it has read of a register: `segment_cache`, `rflags` of `struct vcpu_vmx`. */
export interface RegisterCopy {
  readonly name: string;
  readonly register: Register;
  /** The functions that fill it from hardware, in the order of the tree. */
  readonly filledBy: readonly GraphNode[];
  /** Those that set a member of it to 0 that hardware's value is not read to, so that what it holds is not valid any more. */
  readonly emptiedBy: readonly GraphNode[];
}

/** The copy that a member is, by its name. */
const copiesByName = memoizeByIdentity((model: RegisterModel): ReadonlyMap<string, RegisterCopy> => {
  const found = new Map<string, RegisterCopy>();
  for (const register of model.registers) {
    for (const { from, to, function: name, file } of register.transfers) {
      const filled = from?.kind !== 'cache' && to?.kind === 'cache' ? /^\w+->(\w+)(.*)$/.exec(to.name) : null;
      const node = filled && from ? model.graph.find(name, file) : null;
      if (!node || filled?.[1] === undefined || filled[1] === CACHE_MEMBER) continue;
      const known = found.get(filled[1]);
      if (known && known.register !== register) continue;
      const filledBy = [...new Set([...(known?.filledBy ?? []), node])];
      found.set(filled[1], { name: filled[1], register, filledBy, emptiedBy: [] });
    }
  }
  return new Map([...found].map(([name, copy]) => [name, { ...copy, emptiedBy: emptying(model, copy) }]));
});

function emptying(model: RegisterModel, { name, register, filledBy }: RegisterCopy): GraphNode[] {
  const clears = new RegExp(`->${name}\\.(\\w+)\\s*=\\s*0\\s*;`);
  return cFunctions(model).filter((fn) => {
    const cleared = fn.c.words.has(name) ? clears.exec(functionText(model, fn))?.[1] : undefined;
    const isFilled = filledBy.some((node) => isInC(node) && cleared !== undefined && node.c.words.has(cleared));
    // Where a function marks the register available, it begins to fill what it empties.
    const isFilling = fn.c.references.some(
      ({ kind, register: of }) => kind === 'mark-available' && registerOf(model, of) === register,
    );
    return cleared !== undefined && !isFilled && !isFilling;
  });
}

/** The copy that a word of a file is as a member: `vmx->segment_cache`; null for any other word. */
export function registerCopyAt(model: RegisterModel, path: string, offset: number, name: string): RegisterCopy | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - 2), offset) ?? '';
  return before === '->' ? (copiesByName(model).get(name) ?? null) : null;
}

/** The copies that a function empties. */
export function copiesEmptiedBy(model: RegisterModel, node: GraphNode): readonly RegisterCopy[] {
  return [...copiesByName(model).values()].filter(({ emptiedBy }) => emptiedBy.includes(node));
}
