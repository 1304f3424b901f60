import process from 'node:process';

/** The theme that pictures are taken in, as VS Code calls it. */
export const shownTheme = process.env['KVM_E2E_THEME'] ?? 'Default Light Modern';
