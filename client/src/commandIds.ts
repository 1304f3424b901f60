/** The commands that package.json contributes. */
export const commandIds = [
  'kvmRegs.goToOwner',
  'kvmRegs.peekOwner',
  'kvmRegs.findReferences',
  'kvmRegs.explain',
  'kvmRegs.showRegisterMap',
  'kvmRegs.toggleLenses',
  'kvmRegs.restart',
  'kvmRegs.showLog',
] as const;

/** The command of a code lens; only the server names it, with [uri, position, locations]. */
export const showLocationsId = 'kvmRegs.showLocations';

/** The context key under which menus and keys are: whether the active editor shows a file of a KVM tree. */
export const inTreeKey = 'kvmRegs.inTree';

/** Every command that the extension registers. */
export type CommandId = (typeof commandIds)[number] | typeof showLocationsId;

/** The kind of webview that the register map is in, as a window remembers it. */
export const mapViewType = 'kvmRegs.map';
