import { functionNameSpan } from '../../facts/fileFacts.js';
import type { ModelFile, RegisterModel } from '../../model/registerModel.js';
import type { XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import type { Lens } from '../lenses.js';
import { ALLOWED } from './explainXsave.js';
import { summaryOfWays } from './explainXsaveFunction.js';
import { stateReferences, wayToken } from './stateReferences.js';
import { componentSubject, waysOf } from './xsaveSubject.js';

/** Lenses of XSAVE state: on the FPU core's components, and on functions that switch or copy state. */
export function xsaveLenses(model: RegisterModel, file: ModelFile): Lens[] {
  return [...componentLenses(model, file), ...switchLenses(model, file)];
}

function componentLenses(model: RegisterModel, file: ModelFile): Lens[] {
  return model.xsave.components
    .filter(({ declared }) => declared.file === file.source.path)
    .map((component) => {
      const { name, number, holds, supported, declared } = component;
      const locations = stateReferences(model, componentSubject(component));
      const parts = [
        number === null ? null : `component ${String(number)}`,
        holds,
        ALLOWED[supported],
        `${String(locations.length)} refs`,
      ];
      return {
        span: { start: declared.offset, end: declared.offset + name.length },
        title: parts.filter((part) => part !== null).join(' · '),
        locations,
      };
    });
}

/** On each function in which a way of XSAVE state is told, and on the one that such a function has do it. */
function switchLenses(model: RegisterModel, file: ModelFile): Lens[] {
  const { path } = file.source;
  const byFunction = new Map<string, XsaveAssignment[]>();
  for (const way of waysOf(model)) {
    for (const place of [way, ...way.through.slice(0, 1)]) {
      if (place.file !== path) continue;
      const known = byFunction.get(place.function);
      if (known) known.push(way);
      else byFunction.set(place.function, [way]);
    }
  }
  return (file.facts?.functions ?? []).flatMap((fn): Lens[] => {
    const ways = byFunction.get(fn.facts.name);
    const span = functionNameSpan(fn);
    return ways ? [{ span, title: summaryOfWays(ways), locations: ways.map((way) => wayToken(model, way)) }] : [];
  });
}
