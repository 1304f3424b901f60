import type { RegisterModel } from '../model/registerModel.js';

/**
 * The backend that a file's code is of, so that its answer can come first: the one whose owners' transfers it holds most of;
 * null for common code.
 */
export function backendOfFile(model: RegisterModel, path: string): string | null {
  const counts = new Map<string, number>();
  for (const register of model.registers) {
    for (const owner of register.owners) {
      const inFile = [...owner.load, ...owner.store].filter((transfer) => transfer.file === path).length;
      if (inFile > 0) counts.set(owner.backend, (counts.get(owner.backend) ?? 0) + inFile);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? null;
}
