import type { Guard } from '../../syntax/conditions/guard.js';
import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { branchAbove } from './branchAbove.js';
import { functionAt, functionText } from './functions.js';

/** The conditions of the statement that an offset of a file is in, as far as something is moved there or called; else the test whose one branch it is, empty where that is not told. */
export function guardsOfStatement(model: RegisterModel, path: string, offset: number): readonly Guard[] {
  const fn = functionAt(model, path, offset);
  if (!fn) return [];
  const at = offsetIn(fn, offset);
  const text = functionText(model, fn);
  const isHere = (start: number) => start <= at && !/[;{}]/.test(text.slice(start, at));
  const move = fn.c.moves.findLast(({ statement }) => isHere(statement));
  const call = fn.c.callFacts.findLast((one) => isHere(one.offset));
  return (move ?? call)?.guards ?? branchAbove(text, at);
}
