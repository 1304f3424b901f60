import { shownGuard } from '../../syntax/conditions/guard.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { explanationText } from '../../explain/explanationText.js';
import { explainXsaveState } from '../../explain/xsave/explainXsave.js';
import { owningWays } from '../../explain/xsave/stateAt.js';
import type { XsaveSubject } from '../../explain/xsave/xsaveSubject.js';
import { movedJson, placeJson } from './json.js';

/** Who owns a piece of XSAVE state, as JSON: its transfers as `xsave --json` has them. */
export function stateOwnersJson(model: RegisterModel, subject: XsaveSubject): object {
  const transfers = owningWays(model, subject).map((way) => ({
    ...movedJson(way),
    from: way.from && placeJson(way.from),
  }));
  return { schema: 1, state: subject.state, name: subject.component?.name ?? null, kernel: model.kernel, transfers };
}

/** The same as text: what its hover says, then the transfers as lines that editors jump from. */
export function stateOwnersText(model: RegisterModel, subject: XsaveSubject): string {
  const lines = owningWays(model, subject).map((way) => {
    const guards = way.guards.length > 0 ? ` if ${way.guards.map(shownGuard).join(' && ')}` : '';
    const place = `${way.file}:${String(way.line)}:${String(way.column)}`;
    return `${place}: ${way.side} ${way.state} via ${way.from?.name ?? way.other} -> ${way.to.name} in ${way.function} (${way.phase})${guards}`;
  });
  return `${explanationText(explainXsaveState(model, subject))}\n\n${lines.join('\n')}\n`;
}
