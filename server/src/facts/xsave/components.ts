/** The enum of the FPU core that numbers the components (asm/fpu/types.h). */
export const COMPONENT_ENUM = 'xfeature';

/** How the FPU core calls a component's mask (asm/fpu/types.h). */
export const MASK_PREFIX = 'XFEATURE_MASK_';

/** A component as the manuals number it. */
export interface ArchitecturalComponent {
  readonly holds: string;
  /** Which register enables it: user components in XCR0, supervisor components in IA32_XSS. */
  readonly enabledIn: 'XCR0' | 'XSS';
}

/** State components by number (SDM vol. 1, 13.1; 19: APX specification, 3.1.4.2). */
export const ARCHITECTURAL_COMPONENTS: ReadonlyMap<number, ArchitecturalComponent> = new Map(
  (
    [
      [0, 'x87: ST0-ST7, FCW, FSW, FTW, FOP, FIP, FDP', 'XCR0'],
      [1, 'SSE: XMM0-XMM15, MXCSR', 'XCR0'],
      [2, 'AVX: upper halves of YMM0-YMM15', 'XCR0'],
      [3, 'MPX: BND0-BND3', 'XCR0'],
      [4, 'MPX: BNDCFGU, BNDSTATUS', 'XCR0'],
      [5, 'AVX-512: k0-k7', 'XCR0'],
      [6, 'AVX-512: upper halves of ZMM0-ZMM15', 'XCR0'],
      [7, 'AVX-512: ZMM16-ZMM31', 'XCR0'],
      [8, 'PT: IA32_RTIT_* MSRs', 'XSS'],
      [9, 'PKRU', 'XCR0'],
      [10, 'PASID: IA32_PASID', 'XSS'],
      [11, 'CET: IA32_U_CET, IA32_PL3_SSP', 'XSS'],
      [12, 'CET: IA32_PL0_SSP-IA32_PL2_SSP', 'XSS'],
      [13, 'HDC: IA32_PM_CTL1', 'XSS'],
      [14, 'UINTR: user-interrupt MSRs', 'XSS'],
      [15, 'LBR: IA32_LBR_* MSRs', 'XSS'],
      [16, 'HWP: IA32_HWP_REQUEST', 'XSS'],
      [17, 'AMX: TILECFG', 'XCR0'],
      [18, 'AMX: TMM0-TMM7', 'XCR0'],
      [19, 'APX: R16-R31', 'XCR0'],
    ] as const
  ).map(([number, holds, enabledIn]) => [number, { holds, enabledIn }]),
);
