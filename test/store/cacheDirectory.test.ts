import { expect, it } from 'vitest';
import { cacheDirectory } from '../../server/src/store/cacheDirectory.js';

it.each([
  ['linux', { HOME: '/home/a' }, '/home/a/.cache/kvm-regs'],
  ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '/var/c' }, '/var/c/kvm-regs'],
  ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '' }, '/home/a/.cache/kvm-regs'],
  ['linux', { HOME: '/home/a', XDG_CACHE_HOME: 'relative' }, '/home/a/.cache/kvm-regs'],
  ['linux', { HOME: 'relative' }, null],
  ['linux', {}, null],
  ['freebsd', { HOME: '/home/a' }, '/home/a/.cache/kvm-regs'],
  ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Caches/kvm-regs'],
  ['darwin', { HOME: '/Users/a', XDG_CACHE_HOME: '/var/c' }, '/var/c/kvm-regs'],
  ['win32', { LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' }, 'C:\\Users\\a\\AppData\\Local\\kvm-regs'],
  ['win32', { HOME: '/home/a' }, null],
] as const)('on %s with %j: %s', (platform, environment, directory) => {
  expect(cacheDirectory(environment, platform)).toBe(directory);
});
