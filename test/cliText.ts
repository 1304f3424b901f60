import type { Finding, Rule } from '../server/src/check/finding.js';
import { checkLines } from '../server/src/cli/check.js';
import { layOut, UNLIMITED, type Line } from '../server/src/cli/lines.js';
import { mapLines } from '../server/src/cli/mapTable.js';
import { ownersLines } from '../server/src/cli/ownersOutput.js';
import { xsaveLines } from '../server/src/cli/xsave/xsaveText.js';
import type { Register, RegisterModel } from '../server/src/model/registerModel.js';

/** What `kvm-regs map` prints on a terminal of a width in columns. */
export function mapText(model: RegisterModel, width: number): string {
  return fitted(mapLines(model, width), width);
}

/** What `kvm-regs xsave` prints on a terminal of a width. */
export function xsaveText(model: RegisterModel, width: number): string {
  return fitted(xsaveLines(model, width), width);
}

/** What `kvm-regs owner` prints, with lines as long as they are. */
export function ownersText(model: RegisterModel, register: Register, backend: string | null): string {
  return layOut(ownersLines(model, register, backend), UNLIMITED);
}

/** What `kvm-regs check` prints on a terminal of a width; with lines as long as they are for null. */
export function checkText(
  model: RegisterModel,
  findings: readonly Finding[],
  rules: readonly Rule[],
  width: number | null = null,
): string {
  return fitted(checkLines(model, findings, rules), width ?? Infinity);
}

function fitted(lines: readonly Line[], width: number): string {
  return layOut(lines, { width, placeWidth: width, isBold: false });
}
