import { mapJson } from '../../server/src/cli/mapJson.js';
import { xsaveJson } from '../../server/src/cli/xsave/xsaveJson.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';

interface JsonPlace {
  readonly kind: string;
  readonly name: string;
}

export interface JsonState {
  readonly state: string;
  readonly side: string;
  readonly phase: string;
  readonly from?: JsonPlace;
  readonly to: JsonPlace;
  readonly file: string;
  readonly function: string;
  readonly guards: readonly string[];
  readonly initiatedBy?: readonly string[];
  readonly through: readonly { readonly file: string; readonly function: string }[];
}

export interface JsonMove {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly phase: string;
  readonly guards: readonly string[];
}

interface JsonOwner {
  readonly backend: string;
  readonly sync: string;
  readonly place: JsonPlace;
  readonly load: readonly JsonMove[];
  readonly store: readonly JsonMove[];
  readonly unknown?: object;
  readonly summary: string;
}

export interface JsonRegister {
  readonly register: string;
  readonly owners: readonly JsonOwner[];
}

export interface JsonComponent {
  readonly name: string;
  readonly holds: string | null;
  readonly loadedBy: readonly string[];
  readonly storedBy: readonly string[];
  readonly userspace: readonly string[];
  readonly supported: string;
  readonly supportedBy: Readonly<Record<string, string>>;
}

/** What the two documents of a tree say, as another program reads them. */
export interface Documents {
  readonly registers: readonly JsonRegister[];
  readonly states: readonly JsonState[];
  readonly components: readonly JsonComponent[];
}

/** The documents of a tree, through text as another program gets them. */
export function documentsOf(model: RegisterModel): Documents {
  const map = JSON.parse(JSON.stringify(mapJson(model))) as { registers: JsonRegister[] };
  const xsave = JSON.parse(JSON.stringify(xsaveJson(model))) as {
    components: JsonComponent[];
    transfers: JsonState[];
    sets: JsonState[];
  };
  return { registers: map.registers, states: [...xsave.transfers, ...xsave.sets], components: xsave.components };
}
