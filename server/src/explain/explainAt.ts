import { definitionAt, type Definition } from '../model/query/definitionAt.js';
import { referencesIn } from '../model/query/references.js';
import { sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { Span } from '../syntax/text/sourceText.js';
import { explainAssembly, explainAssemblyMacro } from './explainAssembly.js';
import { explainEgprAccess, explainEgprNumber } from './explainEgpr.js';
import { explainFunction, explainIndexedFunction, explainWrapper } from './explainFunction.js';
import { explainOperation } from './explainOperation.js';
import { explainReference } from './explainReference.js';
import { explainSet } from './explainSet.js';
import { explainArrayOffset, explainNumberMacro, explainSlotOffset } from './explainSymbol.js';
import { explainWorldSwitch } from './explainWorldSwitch.js';
import type { Explanation } from './explanation.js';
import { explainXsaveIoctl, explainXsaveState } from './xsave/explainXsave.js';
import { explainXsaveFunction } from './xsave/explainXsaveFunction.js';

/** An explanation with the token that it is about. */
interface ExplanationAt extends Span {
  readonly explanation: Explanation;
}

/** What is known of the token at an offset of a file; null where that is nothing. */
export function explainAt(model: RegisterModel, path: string, offset: number): ExplanationAt | null {
  const definition = definitionAt(model, path, offset);
  const explanation = definition && explainDefinition(model, definition);
  return explanation && { start: definition.token.start, end: definition.token.end, explanation };
}

/** What is known of a line, 1-based: of its first reference, else of its first word that means something. */
export function explainLine(model: RegisterModel, path: string, line: number): ExplanationAt | null {
  const source = sourceOf(model, path);
  const start = source?.lineStarts[line - 1];
  if (!source || start === undefined) return null;
  const end = source.lineStarts[line] ?? source.text.length;
  const reference = referencesIn(model, path).find((r) => r.start >= start && r.start < end);
  if (reference) return explainAt(model, path, reference.start);
  for (const match of source.text.slice(start, end).matchAll(/[A-Za-z_]\w*/g)) {
    const found = explainAt(model, path, start + match.index);
    if (found) return found;
  }
  return null;
}

/** What is known of a definition; null for a word that says nothing of registers. */
export function explainDefinition(model: RegisterModel, definition: Definition): Explanation | null {
  const { token, name } = definition;
  switch (definition.kind) {
    case 'reference':
      return explainReference(model, token.file, definition.reference);
    case 'set':
      return explainSet(model, definition.set);
    case 'world-switch':
      return explainWorldSwitch(model, definition.fn);
    case 'number-macro':
      return explainNumberMacro(model, definition);
    case 'slot-offset':
      return explainSlotOffset(definition.slot);
    case 'array-offset':
      return explainArrayOffset(model, name, definition.slots);
    case 'assembly':
      return explainAssembly(model, name, definition.moves);
    case 'assembly-macro':
      return explainAssemblyMacro(model, name, definition);
    case 'egpr-access':
      return explainEgprAccess(model, token.file, definition);
    case 'egpr-number':
      return explainEgprNumber(model, token.file, definition.register);
    case 'indexed-function':
      return explainIndexedFunction(model, definition.indexed);
    case 'function':
      return explainFunction(model, definition.node);
    case 'xsave-function':
      return explainXsaveFunction(model, definition);
    case 'wrapper':
      return explainWrapper(model, definition.wrapper);
    case 'operation':
      return explainOperation(model, token.file, definition);
    case 'xsave-state':
      return explainXsaveState(model, definition.state, definition.isShared);
    case 'xsave-ioctl':
      return explainXsaveIoctl(model, name, definition.transfers);
    case 'other':
      return null;
  }
}
