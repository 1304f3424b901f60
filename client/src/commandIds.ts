/** The commands that package.json contributes, in the order of its list. */
export const commandIds = [
  'kvmRegs.showRegisterMap',
  'kvmRegs.showXsave',
  'kvmRegs.check',
  'kvmRegs.showApxReadiness',
  'kvmRegs.explain',
  'kvmRegs.toggleFollowing',
  'kvmRegs.goToOwner',
  'kvmRegs.peekOwner',
  'kvmRegs.listOwners',
  'kvmRegs.findReferences',
  'kvmRegs.toggleLenses',
  'kvmRegs.openSample',
  'kvmRegs.openWalkthrough',
  'kvmRegs.openDocumentation',
  'kvmRegs.showMenu',
  'kvmRegs.showLog',
  'kvmRegs.restart',
] as const;

/** The command of a code lens; only the server names it, with [uri, position, locations]. */
export const showLocationsId = 'kvmRegs.showLocations';

/** The command of a quick fix that turns a rule off; only the server names it, with [rule or family, severity]. */
export const setSeverityId = 'kvmRegs.setSeverity';

/** The context key under which menus and keys are: whether the active editor shows a file of a KVM tree. */
export const inTreeKey = 'kvmRegs.inTree';

/** The walkthrough's first steps, which open a place to try something at; only the walkthrough names them. */
export const tourIds = ['kvmRegs.tour.hover', 'kvmRegs.tour.owner'] as const;

/** The step of the walkthrough that is no command's: a hover was shown. */
export const hoverStep = 'kvmRegs.hover';

/** The context key that is true for the moment in which a step of the walkthrough was done. */
export function stepDoneKey(step: string): string {
  return `${step}.done`;
}

/** The commands that are registered. */
export const registeredIds = [...commandIds, showLocationsId, setSeverityId, ...tourIds] as const;

/** Every command that the extension registers. */
export type CommandId = (typeof registeredIds)[number];

/** The kind of webview that the register map is in, as a window remembers it. */
export const mapViewType = 'kvmRegs.map';
