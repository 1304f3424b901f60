import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RegisterModel } from '../registerModel.js';
import { functionText, type CFunction } from './functions.js';

/** Calls that a function has at least whose purpose is a message: `dump_vmcs`. */
const FEWEST_MESSAGES = 3;

/** linux/printk.h. */
const MESSAGE = /\b(?:pr_(?:emerg|alert|crit|err|warn|notice|info|debug|cont)\w*|printk\w*)\s*\(/g;

/** Whether a function reads registers for the kernel's log alone: it returns nothing, writes to no place, and makes messages. */
export function isForLog(model: RegisterModel, fn: CFunction): boolean {
  return forLog(model)(fn);
}

const forLog = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): boolean => {
    if (fn.c.moves.some(({ to, isReturned }) => to !== null || isReturned)) return false;
    const text = functionText(model, fn);
    return /^[^({]*\bvoid\b/.test(text) && (text.match(MESSAGE) ?? []).length >= FEWEST_MESSAGES;
  }),
);
