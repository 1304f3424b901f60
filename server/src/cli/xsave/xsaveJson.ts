import type { Place } from '../../backends/place.js';
import { shownGuard } from '../../syntax/conditions/guard.js';
import type { Location } from '../../syntax/text/sourceText.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { useOf } from '../../model/xsave/componentUse.js';
import type {
  GuestMask,
  Step,
  XsaveComponent,
  XsaveModel,
  XsaveTransfer,
  XsaveAssignment,
} from '../../model/xsave/xsaveModel.js';

/** XSAVE state as the contract's JSON document. */
export function xsaveJson(model: RegisterModel): object {
  const { xsave } = model;
  return {
    schema: 1,
    tree: { root: model.root, kernel: model.kernel },
    components: xsave.components.map((component) => componentJson(xsave, component)),
    transfers: xsave.transfers.map((t) => ({ ...assignmentJson(t), from: placeJson(t.from) })),
    // What comes from no place: constants.
    sets: xsave.settings.map((t) => ({ ...assignmentJson(t), value: t.other })),
    masks: xsave.masks.map(maskJson),
    rules: xsave.rules.map(({ function: fn, refused, components, ...site }) => ({
      refused: refused.text,
      components,
      ...siteJson(site),
      function: fn,
    })),
  };
}

function componentJson(model: XsaveModel, component: XsaveComponent): object {
  const { name, number, holds, supported, gate, conditions, enabledIn, mask, size, declared, fpu } = component;
  const { loads, stores, user } = useOf(model, component);
  return {
    name,
    number,
    holds,
    supported,
    supportedBy: Object.fromEntries(component.supportedBy.map((own) => [own.vendor, own.supported])),
    gate: gate && siteJson(gate),
    conditions: conditions.map(({ text, guards, function: fn, ...site }) => ({
      text,
      guards: guards.map(shownGuard),
      ...siteJson(site),
      function: fn,
    })),
    enabledIn,
    declared: siteJson(declared),
    mask: mask && { name: mask.name, ...siteJson(mask) },
    size: size && { struct: size.struct, ...siteJson(size) },
    fpu: { support: fpu.support, dynamic: fpu.isDynamic, evidence: fpu.evidence.map(siteJson) },
    loadedBy: functionNames(loads),
    storedBy: functionNames(stores),
    userspace: functionNames(user),
    ...(component.isUserspaceOpen ? { userspaceUnknown: true } : {}),
    unknown: component.unknown.map(({ file, line, what, why }) => ({ file, line, message: `${what} ${why}` })),
  };
}

function functionNames(transfers: readonly XsaveTransfer[]): string[] {
  return [...new Set(transfers.map((t) => t.function))];
}

/** A transfer without where it comes from. */
export function assignmentJson(t: XsaveAssignment): object {
  return {
    state: t.state,
    ...(t.leftOut.length > 0 ? { leftOut: t.leftOut } : {}),
    to: placeJson(t.to),
    side: t.side,
    ...(t.initiators.length > 0 ? { initiatedBy: t.initiators } : {}),
    phase: t.phase,
    ...siteJson(t),
    function: t.function,
    guards: t.guards.map(shownGuard),
    callers: t.callers.map(stepJson),
    through: t.through.map(stepJson),
  };
}

function stepJson(step: Step): object {
  return { ...siteJson(step), function: step.function, guards: step.guards.map(shownGuard) };
}

function maskJson({ register, macro, variable, bits, set, changes }: GuestMask): object {
  return {
    register,
    macro: macro && { name: macro.name, ...siteJson(macro) },
    variable,
    bits: bits === null ? null : `0x${bits.toString(16)}`,
    set: set && siteJson(set),
    changes: changes.map(({ text, guards, cleared, added, function: fn, ...site }) => ({
      text,
      guards: guards.map(shownGuard),
      cleared: `0x${cleared.toString(16)}`,
      added: `0x${added.toString(16)}`,
      ...siteJson(site),
      function: fn,
    })),
  };
}

export function placeJson({ kind, name }: Place): object {
  return { kind, name };
}

function siteJson({ file, line, column, offset }: Location & { readonly offset: number }): object {
  return { file, line, column, offset };
}
