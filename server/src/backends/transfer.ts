import type { Guard } from '../syntax/conditions/guard.js';
import type { Location } from '../syntax/text/sourceText.js';
import type { Phase } from './phase.js';
import type { Place } from './place.js';

/** A value's way between two places. */
export interface Transfer {
  /** null: from nowhere that is a place, such as a constant. */
  readonly from: Place | null;
  /** null: to nowhere that is a place, such as a function's result. */
  readonly to: Place | null;
  readonly file: string;
  /** In the file. */
  readonly offset: number;
  /** Where in the file the statement begins that does it, as `Reference.statement` has it. */
  readonly statement: number;
  /** 1-based; the column counts UTF-8 bytes. */
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly phase: Phase;
  readonly guards: readonly Guard[];
  /** Done only for a dirty register. */
  readonly isIfDirty: boolean;
  /** The new value contains the old one (`|=`). */
  readonly isPartial: boolean;
  /** The guards that tell when, to a reader: without the case that chooses the register and tests of its avail or dirty bit. */
  readonly conditions: readonly Guard[];
  /** What names the value on a side that is no place. */
  readonly other: string;
  /** Without `to`: its function returns the place's address, or hands it on; by that others read and write it. */
  readonly isAddress: boolean;
  /** Its function is on the way to VM-entry itself. */
  readonly isOnEntryPath: boolean;
  /** Behind a VM-entry that has failed it is done too. */
  readonly isOnVmFail: boolean;
  /** The call on the way to VM-entry by which a helper comes to do it; null for what is not known by such a call. */
  readonly call: TransferCall | null;
}

/** Where a helper is called. */
export interface TransferCall extends Location {
  readonly function: string;
}
