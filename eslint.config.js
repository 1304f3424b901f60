import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['**/dist/', 'out/', 'samples/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  {
    rules: {
      complexity: ['error', { max: 15, variant: 'modified' }],
      'max-params': ['error', 4],
      eqeqeq: 'error',
      // `void` would hide a promise that is rejected, which ends a Node.js process.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      'no-undef': 'off', // the compiler's business, and it knows each project's globals
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // What a regular expression of the server takes grows as the text does, whatever the text: a tree's files may hold anything.
    files: ['server/src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false, ignorePartial: false }],
    },
  },
  {
    // The compiler checks the scripts' JSDoc types; these rules can't see a JSDoc cast.
    files: ['scripts/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // One line that loads the bundle, in no TypeScript project.
    files: ['server/bin/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
);
