/*
 * What the language server and the VS Code extension say to each other beside LSP's own messages. Both import this file, which
 * imports nothing, so that each can use the library of its own side.
 */

/** 0-based; `character` counts as the position encoding says that client and server agreed on (LSP 3.17, Position). */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** The end is behind the last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Location {
  readonly uri: string;
  readonly range: Range;
}

/** A position in a document. */
export interface PlaceParams {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

/** The requests: by method, what the server is given and what it answers. Null where it knows no register, or no tree. */
export interface OwnRequests {
  /** The hover's text. */
  readonly 'kvmRegs/explain': { readonly params: PlaceParams; readonly answer: Explained | null };
  /** The register at a place with its owners, those of the file's backend first. */
  readonly 'kvmRegs/owners': { readonly params: PlaceParams; readonly answer: Owners | null };
  /** A register by name. */
  readonly 'kvmRegs/register': { readonly params: RegisterParams; readonly answer: RegisterAnswer | null };
  /** A register's references by what they do, or its owners by backend and direction; of XSAVE state, who assigns it. */
  readonly 'kvmRegs/registerPlaces': { readonly params: RegisterPlacesParams; readonly answer: RegisterPlaces | null };
  /** A page about a whole tree. Null for a path in no tree. */
  readonly 'kvmRegs/treePage': { readonly params: TreePageParams; readonly answer: Page | null };
  /** The page of the register map. */
  readonly 'kvmRegs/map': { readonly params: MapParams; readonly answer: MapAnswer | null };
  /** A register's section of that page, in HTML; its links are `file:` URLs with the line as `#L12`. */
  readonly 'kvmRegs/mapSection': { readonly params: RegisterParams; readonly answer: MapSection | null };
  /** The steps of a backend's run on that page, in HTML; null for no such backend. */
  readonly 'kvmRegs/mapRun': { readonly params: MapRunParams; readonly answer: MapRun | null };
  /** The registers with where each is, by backend. */
  readonly 'kvmRegs/registers': { readonly params: TreeParams; readonly answer: RegisterList | null };
  /** What moves and uses a register, for one backend. */
  readonly 'kvmRegs/registerUses': { readonly params: RegisterUsesParams; readonly answer: RegisterUses | null };
}

/** Something to read. */
export interface Page {
  /** A few words: a tab's title. */
  readonly title: string;
  /** The URI of the tree's root. */
  readonly root: string;
  /** Its links are relative to the root, with the line as fragment: `arch/x86/kvm/x86.c#L12`. */
  readonly markdown: string;
}

export interface Explained extends Page {
  /** The same as plain text, with line breaks. */
  readonly text: string;
}

/** The pages about a tree: the register map, XSAVE state, what `kvm-regs check` finds, and of that what is left for a series on APX. */
export type TreePageKind = 'xsave' | 'check' | 'apx';

export interface TreePageParams {
  readonly kind: TreePageKind;
  /** A file or a directory of the tree. */
  readonly uri: string;
}

export interface Owners {
  /** `RSP`; of XSAVE state its name. */
  readonly register: string;
  readonly owners: readonly OwnerItem[];
}

/** Where a register is while the guest runs, for one backend. */
export interface OwnerItem {
  readonly backend: string;
  /** `switched`, `eager`, `lazy`, ...: see the README. */
  readonly sync: string;
  /** The answer in a line. */
  readonly label: string;
  /** How it gets to KVM's register cache. */
  readonly detail: string;
  /** The code that moves it: what brings it into the cache, then what takes it back. */
  readonly locations: readonly Location[];
}

export interface RegisterPlacesParams extends PlaceParams {
  readonly kind: 'references' | 'owners';
}

/** Places that have to do with a register, in groups. */
export interface RegisterPlaces {
  /** `RSP` */
  readonly register: string;
  readonly groups: readonly PlaceGroup[];
}

/** Places under a heading, and groups of them. */
export interface PlaceGroup {
  readonly label: string;
  /** Words beside the label; '' for none. */
  readonly description: string;
  readonly places: readonly NamedPlace[];
  readonly groups: readonly PlaceGroup[];
}

export interface NamedPlace {
  readonly location: Location;
  /** `vmx/vmx.c:36` */
  readonly name: string;
  /** The line, without the blanks around it. */
  readonly text: string;
}

export interface RegisterParams {
  /** Any name that the tree or the architecture has for the register. */
  readonly name: string;
  /** A file or a directory of the tree that is meant; without one the first tree that has the register. */
  readonly uri?: string;
}

export interface RegisterAnswer extends Owners {
  readonly references: readonly Location[];
}

export interface TreeParams {
  /** A file of the tree that is meant; without one the first tree that is open. */
  readonly uri?: string;
}

export interface MapParams extends TreeParams {
  /** What the page is made of beside its content. Without it the answer has no `page`. */
  readonly parts?: PageParts;
}

/** What a page has in it beside its content: the client's, and trusted. */
export interface PageParts {
  /** The Content-Security-Policy. */
  readonly policy: string;
  /** The text of the style sheet and of the script, and the nonce by which the policy lets them work. */
  readonly style: string;
  readonly script: string;
  readonly nonce: string;
}

/** The register map in HTML. */
export interface MapAnswer {
  readonly title: string;
  /** The content of the page's head and of its main part: what changes with the tree. The steps of runs are asked for one by one. */
  readonly head: string;
  readonly body: string;
  /** The whole page; null where its parts were not given. */
  readonly page: string | null;
}

export interface MapSection {
  readonly section: string;
}

export interface MapRunParams extends TreeParams {
  readonly backend: string;
}

export interface MapRun {
  readonly steps: string;
}

export interface RegisterList {
  readonly kernel: string | null;
  readonly registers: readonly ListedRegister[];
}

export interface ListedRegister {
  readonly register: string;
  readonly backends: readonly ListedOwner[];
}

/** Where a register is for a backend, in the usual case. */
export interface ListedOwner {
  readonly backend: string;
  readonly title: string;
  readonly sync: string;
  /** The place in a few words; '' where the way to be kept says all. */
  readonly where: string;
  readonly summary: string;
}

export interface RegisterUsesParams extends RegisterParams {
  readonly backend: string;
}

/** Code that moves or uses a register. */
export interface RegisterUses {
  /** What fills the register cache, and what empties it. */
  readonly load: readonly RegisterUse[];
  readonly store: readonly RegisterUse[];
  /** References in common code and in the backend's own. */
  readonly readers: readonly RegisterUse[];
  readonly writers: readonly RegisterUse[];
}

export interface RegisterUse {
  /** The function; the file for code outside of any. */
  readonly label: string;
  /** When, or how it is named. */
  readonly detail: string;
  readonly location: Location;
}

/** The notification by which the server tells its {@link Status}, at each change. */
export const STATUS = 'kvmRegs/status';

export interface Status {
  readonly state: 'indexing' | 'ready' | 'none';
  /** Every tree that was read, as it was the last time. */
  readonly trees: readonly TreeStatus[];
}

export interface TreeStatus {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  /** `7.2.13`; null where the tree does not say it. */
  readonly kernel: string | null;
  /** How many files, and references to registers in them. */
  readonly files: number;
  readonly references: number;
  /** As they are written: `SEV-ES`. */
  readonly backends: readonly string[];
  /** How many of the registers' owners there are, one for each register and backend or more, and of how many something is not known. */
  readonly owners: number;
  readonly openOwners: number;
  /** How long the last reading took. */
  readonly ms: number;
  readonly problems: readonly TreeProblem[];
}

/** Something that was not understood, so that answers may lack something. */
export interface TreeProblem {
  /** Relative to the root, with '/'. */
  readonly file: string;
  /** 1-based; null for the whole file. */
  readonly line: number | null;
  readonly message: string;
}

/** `initializationOptions`: what a client may say of itself when it starts the server. */
export interface InitializationOptions {
  readonly commands?: {
    /** The client's command that shows the places of a lens: it is given [uri, position, locations]. */
    readonly showLocations?: string;
    /** The client's command that sets how a rule's findings are shown: it is given [rule or family, severity]. */
    readonly setSeverity?: string;
  };
  /** Hovers may hold links that run {@link LINKED_COMMANDS}. */
  readonly commandLinks?: boolean;
  /** A directory for what the server can make again; without it that of the platform's cache. Absolute. */
  readonly cacheDirectory?: string;
  /** Section {@link SECTION} of the client's configuration. */
  readonly settings?: unknown;
}

/** The section of a client's configuration that holds our settings. */
export const SECTION = 'kvmRegs';

/** Whose our diagnostics are, as the client shows it: LSP's `Diagnostic.source`. */
export const DIAGNOSTICS_SOURCE = 'kvm-regs';

/** The commands that a hover links to, by the link's text; each is given [uri, position]. */
export const LINKED_COMMANDS = { 'Go to owner': 'kvmRegs.goToOwner', 'Find references': 'kvmRegs.findReferences' };

/** The server's command of a lens for a client that names none of its own: shows the first of its places. */
export const SHOW_LOCATION = 'kvm-regs.showLocation';
