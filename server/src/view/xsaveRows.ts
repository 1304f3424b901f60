import type { Evidence } from '../explain/explanation.js';
import { reasonText } from '../explain/unknownWords.js';
import { wordsOf } from '../explain/words.js';
import { componentName } from '../explain/xsave/componentRows.js';
import { useOf } from '../model/xsave/componentUse.js';
import type { Support, XsaveTransfer } from '../model/xsave/xsaveModel.js';
import type { RegisterModel } from '../model/registerModel.js';
import { transferView, type TransferView } from './transferView.js';

/** An XSAVE component as the map shows it. Plain data. */
export interface XsaveRow {
  /** `PKRU`. */
  readonly name: string;
  /** Its bit; null where that cannot be computed. */
  readonly number: number | null;
  /** The registers in it, in the manual's words; null for a component that the tables do not know. */
  readonly holds: string | null;
  readonly declared: Evidence;
  /** Whether guests may enable it: on all vendors' hardware together, and for each vendor module. */
  readonly supported: Support;
  readonly byVendor: readonly { readonly vendor: string; readonly supported: Support }[];
  /** Where KVM says so. */
  readonly gate: Evidence | null;
  /** To hardware for the guest, and from it. */
  readonly load: readonly TransferView[];
  readonly store: readonly TransferView[];
  /** Why it is not known what moves it; empty where it is. */
  readonly unknown: readonly string[];
}

/** A row for each component that the tree declares. */
export function xsaveRows(model: RegisterModel): XsaveRow[] {
  const words = wordsOf(model);
  const views = (transfers: readonly XsaveTransfer[]) => transfers.map((transfer) => transferView(words, transfer));
  return model.xsave.components.map((component) => {
    const { loads, stores } = useOf(model.xsave, component);
    const { number, holds, declared, supported, supportedBy, gate, unknown } = component;
    return {
      name: componentName(component),
      number,
      holds,
      declared: { file: declared.file, line: declared.line },
      supported,
      byVendor: supportedBy,
      gate: gate && { file: gate.file, line: gate.line },
      load: views(loads),
      store: views(stores),
      unknown: unknown.map(reasonText),
    };
  });
}
