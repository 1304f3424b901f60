const GENERIC_CODE = /^(?:include\/(?:uapi\/)?linux|virt\/kvm)\//;

/** Whether every architecture compiles a file. */
export function isGenericCode(path: string): boolean {
  return GENERIC_CODE.test(path);
}
