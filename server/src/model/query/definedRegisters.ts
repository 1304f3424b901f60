import type { Register, RegisterModel } from '../registerModel.js';
import { slotsAt } from './assembly.js';
import type { Definition } from './definitionAt.js';
import { registerOf } from './registers.js';
import { registerOfVariable } from './variables.js';
import type { XsaveSubject } from './xsaveStates.js';

/** The registers whose owners and references a definition leads to: of its references, or of what a macro's use moves. */
export function registersOf(model: RegisterModel, definition: Definition): readonly Register[] {
  const named = definition.references.filter(({ register }) => register !== null);
  const own = named.filter(({ isIndirect }) => !isIndirect);
  const members = new Set((own.length > 0 ? own : named).map(({ register }) => register));
  if (members.size > 0)
    return inModelOrder(
      model,
      [...members].flatMap((member) => registerOf(model, member) ?? []),
    );
  const use = definition.kind === 'assembly' ? definition.moves.macro : null;
  if (use?.start !== definition.token.start) return [];
  const slots = slotsAt(model, definition.token.file, use.start);
  return inModelOrder(
    model,
    slots.flatMap(({ member }) => registerOf(model, member.name) ?? []),
  );
}

/** The registers that an explanation is about: those named, and those of which the word is another place, a copy or a variable. */
export function registersBehind(model: RegisterModel, definition: Definition): readonly Register[] {
  switch (definition.kind) {
    case 'place':
      return inModelOrder(
        model,
        definition.uses.flatMap(({ register }) => register ?? []),
      );
    case 'named-place':
      return definition.named.register ? [definition.named.register] : [];
    case 'register-copy':
      return [definition.copy.register];
    case 'copy-variable':
      return [definition.variable.copy.register];
    case 'member':
      return definition.member.role === 'register' ? [definition.member.register] : [];
    case 'variable': {
      const register = registerOfVariable(model, definition.variable);
      return register ? [register] : [];
    }
    default:
      return registersOf(model, definition);
  }
}

function inModelOrder({ registers }: RegisterModel, some: readonly Register[]): readonly Register[] {
  const wanted = new Set(some);
  return registers.filter((register) => wanted.has(register));
}

/** The XSAVE state that a definition is; null for any other. */
export function stateOf(definition: Definition): XsaveSubject | null {
  return definition.kind === 'xsave-state' ? definition.state : null;
}
