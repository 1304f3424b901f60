import { expect, test } from 'vitest';
import { pageHtml } from '../../client/src/pageHtml.js';
import { pageLink } from '../../client/src/pageLink.js';

test('a link leads to a line of a file of the tree', () => {
  expect(pageLink('arch/x86/kvm/vmx/vmx.c#L36')).toEqual({ path: 'arch/x86/kvm/vmx/vmx.c', line: 36 });
  expect(pageLink('a%20copy/vmenter.S#L1')).toEqual({ path: 'a copy/vmenter.S', line: 1 });
});

test.each([
  'https://example.org/x.c#L1',
  'file:///etc/x.c#L1',
  '/etc/x.c#L1',
  '../x.c#L1',
  'arch/%2e%2e/%2e%2e/x.c#L1',
  'arch/x86/kvm/x86.c',
  'arch/x86/kvm/x86.c#L0',
  7,
])('%s leads nowhere', (href) => {
  expect(pageLink(href)).toBeNull();
});

test('a page runs no script but its own, and its title is text', () => {
  const html = pageHtml('<RSP & co>', 'word');
  expect(html).toContain("default-src 'none'; style-src 'nonce-word'; script-src 'nonce-word'");
  expect(html).toContain('<title>&lt;RSP &amp; co></title>');
});
