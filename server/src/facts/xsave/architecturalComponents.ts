import type { ControlState } from './stateInterfaces.js';

/** The enum of the FPU core that numbers the components (asm/fpu/types.h). */
export const COMPONENT_ENUM = 'xfeature';

/** How the FPU core's names of components, and of their masks, begin (asm/fpu/types.h). */
export const COMPONENT_PREFIX = 'XFEATURE_';

/** How the FPU core calls a component's mask (asm/fpu/types.h). */
export const MASK_PREFIX = `${COMPONENT_PREFIX}MASK_`;

/** The component of R16-R31 (APX specification, 3.1.4.2). */
export const APX_COMPONENT = 19;

/** The FPU core's name for its mask, which KVM's code has in a copy without the FPU core as well (asm/fpu/types.h). */
export const APX_MASK = `${MASK_PREFIX}APX`;

/** A component as the manuals number it. */
interface ArchitecturalComponent {
  readonly holds: string;
  /** Which register enables it: user components in XCR0, supervisor components in IA32_XSS. */
  readonly enabledIn: 'XCR0' | 'XSS';
  /** Its only register, where instructions of its own reach that: RDPKRU, WRPKRU. */
  readonly state?: ControlState;
}

/** What a component holds, which register enables it, and its state where KVM may switch that apart. */
type Row = readonly [number: number, holds: string, enabledIn: 'XCR0' | 'XSS', state?: ControlState];

const ROWS: readonly Row[] = [
  [0, 'x87: ST0-ST7', 'XCR0'],
  [1, 'XMM0-XMM15, MXCSR', 'XCR0'],
  [2, 'YMM0-YMM15 upper half', 'XCR0'],
  [3, 'BND0-BND3', 'XCR0'],
  [4, 'BNDCFGU, BNDSTATUS', 'XCR0'],
  [5, 'k0-k7', 'XCR0'],
  [6, 'ZMM0-ZMM15 upper half', 'XCR0'],
  [7, 'ZMM16-ZMM31', 'XCR0'],
  [8, 'IA32_RTIT_* (PT)', 'XSS'],
  [9, 'PKRU', 'XCR0', 'PKRU'],
  [10, 'IA32_PASID', 'XSS'],
  [11, 'IA32_U_CET, PL3_SSP', 'XSS'],
  [12, 'IA32_PL0_SSP-PL2_SSP', 'XSS'],
  [13, 'IA32_PM_CTL1 (HDC)', 'XSS'],
  [14, 'IA32_UINTR_*', 'XSS'],
  [15, 'IA32_LBR_*', 'XSS'],
  [16, 'IA32_HWP_REQUEST', 'XSS'],
  [17, 'TILECFG', 'XCR0'],
  [18, 'TMM0-TMM7', 'XCR0'],
  [APX_COMPONENT, 'R16-R31', 'XCR0'],
];

/** State components by number (SDM vol. 1, 13.1; 19: APX specification, 3.1.4.2). */
export const ARCHITECTURAL_COMPONENTS: ReadonlyMap<number, ArchitecturalComponent> = new Map(
  ROWS.map(([number, holds, enabledIn, state]) => [number, { holds, enabledIn, ...(state ? { state } : {}) }]),
);
