import { shownGuard, type Guard } from '../../server/src/syntax/conditions/guard.js';
import type { XsaveModel, XsaveSetting, XsaveTransfer } from '../../server/src/model/xsave/xsaveModel.js';

/** All that is known of XSAVE state, a line each: components, masks, transfers in their order, rules. */
export function xsaveLines(model: XsaveModel): string[] {
  return [
    ...model.components.map((c) => {
      const how = `${c.fpu.support}${c.fpu.isDynamic ? ', dynamic' : ''}`;
      const at = c.gate ? ` ${place(c.gate)}` : '';
      return `component ${String(c.number)} ${c.name}: ${c.holds ?? '-'}, ${c.size?.struct ?? 'CPUID'}, ${how}, ${c.supported}${at}`;
    }),
    ...model.masks.flatMap((mask) => [
      `mask ${mask.register}: ${mask.macro?.name ?? '-'} = ${mask.bits?.toString(2) ?? '-'}, ${mask.variable ?? '-'}${mask.set ? ` ${place(mask.set)}` : ''}`,
      ...mask.changes.map((change) => `  ${change.text}: ${change.function} ${place(change)}${under(change.guards)}`),
    ]),
    ...[...model.transfers, ...model.settings].map(transferLine),
    ...model.rules.map((rule) => `rule ${rule.refused.text}: ${rule.components.join(' ')} ${place(rule)}`),
  ];
}

function transferLine(t: XsaveTransfer | XsaveSetting): string {
  const from = t.from ? `${t.from.kind} ${t.from.name}` : `constant ${t.other}`;
  const by = t.callers.map((step) => ` by ${step.function} ${place(step)}`).join('');
  const through = t.through.map((step) => ` > ${step.function} ${place(step)}`).join('');
  const once = t.isOncePerRun ? ' (once a KVM_RUN)' : '';
  return `${t.phase} ${t.side} ${t.state}: ${from} -> ${t.to.kind} ${t.to.name}, ${t.function} ${place(t)}${once}${by}${through}${under(t.guards)}`;
}

function place({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file.replace(/^arch\/x86\/(?:kvm|include|kernel)\//, '')}:${String(line)}`;
}

function under(guards: readonly Guard[]): string {
  return guards.length > 0 ? ` if ${guards.map(shownGuard).join(' && ')}` : '';
}
