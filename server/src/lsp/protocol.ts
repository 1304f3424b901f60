import type { Location, Position } from 'vscode-languageserver';

/** Requests of our own, beside LSP's. */
export const EXPLAIN = 'kvmRegs/explain';
export const OWNERS = 'kvmRegs/owners';
export const REGISTER = 'kvmRegs/register';

/** Tells a client what is read and how that went. */
export const STATUS = 'kvmRegs/status';

/** The command of a lens for a client that names none of its own: shows the first of its places. */
export const SHOW_LOCATION = 'kvm-regs.showLocation';

/** The commands that a hover links to, for a client that has them; each takes [uri, position]. */
export const LINKED_COMMANDS = { 'Go to owner': 'kvmRegs.goToOwner', 'Find references': 'kvmRegs.findReferences' };

/** What a client may ask for when it starts the server. */
export interface ClientOptions {
  /** The client's command that shows places: [uri, position, locations]. */
  readonly showLocations: string | null;
  /** Hovers may hold links that run `LINKED_COMMANDS`. */
  readonly hasCommandLinks: boolean;
}

/** Reads `initializationOptions`; whatever is not as it should be is as if not given. */
export function clientOptions(value: unknown): ClientOptions {
  const options = isRecord(value) ? value : {};
  const commands = isRecord(options['commands']) ? options['commands'] : {};
  const { showLocations } = commands;
  return {
    showLocations: typeof showLocations === 'string' && showLocations !== SHOW_LOCATION ? showLocations : null,
    hasCommandLinks: options['commandLinks'] === true,
  };
}

/** Whether a value from the wire is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What `kvmRegs/status` says. */
export interface Status {
  readonly state: 'indexing' | 'ready' | 'none';
  readonly trees: readonly TreeStatus[];
}

export interface TreeStatus {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  readonly kernel: string | null;
  readonly files: number;
  readonly references: number;
  /** How long the last reading took. */
  readonly ms: number;
  readonly problems: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
}

/** A register's owner, for a pick by backend. */
export interface OwnerItem {
  readonly backend: string;
  readonly sync: string;
  readonly label: string;
  readonly detail: string;
  readonly locations: readonly Location[];
}

/** What the engine is asked, by the method's name; a place is a document and a position. */
export interface PlaceParams {
  readonly uri: string;
  readonly position: Position;
}
