import { loadavg } from 'node:os';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { missingForVsCode } from './availability.js';
import { descendants } from './descendants.js';
import { openAt, runCommand, splitEditor, treeIsRead } from './editor.js';
import { token } from './kernel72.js';
import { median } from './median.js';
import { shownPage } from './page.js';
import { openPanel, type Opening } from './panelOpening.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

/** How often the map and an empty panel are opened in turn. */
const PAIRS = 3;

/**
 * What the map may take longer than a panel with one paragraph, in ms, the median of the pairs: until the panel is there, and from when
 * VS Code takes the page until it is drawn. The rest, most of the time, is VS Code's. docs/performance.md has figures.
 */
const MOST_MS = 400;

describe.skipIf(missing !== null)(title('the register map opens'), () => {
  const page = useWorkbench({ hasNeighbour: true });
  const closePanel = () => runCommand(page(), 'View: Close All Editors');

  test('with what it waits for while the tree is read, then with the map, in a window without an editor', async () => {
    const servers = () => descendants(/server\/dist\/cli\.js lsp/);
    await expect.poll(servers).toHaveLength(1);
    for (const server of servers()) process.kill(server, 'SIGSTOP'); // the reading takes as long as is wanted here
    try {
      await runCommand(page(), 'Show Register Map');
      await shownPage(page()).getByText('The kernel tree is being read').waitFor();
    } finally {
      for (const server of servers()) process.kill(server, 'SIGCONT');
    }
    await treeIsRead(page());
    await shownPage(page()).locator('#map a[href="#RSP-vmx"]').waitFor();
    await closePanel();
  });

  test(`within ${MOST_MS} ms more than a panel with one paragraph`, { timeout: 120_000 }, async () => {
    await treeIsRead(page());
    const pairs: { readonly map: Opening; readonly bare: Opening }[] = [];
    for (let i = 0; i < PAIRS; i++) {
      const map = await openPanel(page(), 'Show Register Map', '#map tr[data-register="RAX"]');
      await closePanel();
      const bare = await openPanel(page(), 'Show Bare Panel', '#bare');
      await closePanel();
      pairs.push({ map, bare });
      console.log(`load ${loadavg()[0]?.toFixed(1) ?? ''}: the map ${told(map)}; a bare panel ${told(bare)}`);
    }
    const longer = (time: (opening: Opening) => number) => median(pairs.map(({ map, bare }) => time(map) - time(bare)));
    expect(longer(({ panel }) => panel)).toBeLessThan(MOST_MS);
    expect(longer(({ ready, drawn }) => drawn - ready)).toBeLessThan(MOST_MS);
  });

  test('again with the map of now, where it was changed before it was hidden', async () => {
    const gate = token('arch/x86/kvm/x86.c', /^#define (KVM_SUPPORTED_XCR0)/);
    const gateAt = (line: number) =>
      shownPage(page())
        .locator('#xsave a', { hasText: `x86.c:${String(line)}` })
        .first();
    await openAt(page(), { ...gate, line: 1, column: 1 });
    await splitEditor(page());
    await runCommand(page(), 'Show Register Map');
    await gateAt(gate.line).waitFor();
    await runCommand(page(), 'View: Focus Left Editor Group');
    await page().keyboard.type('\n');
    await gateAt(gate.line + 1).waitFor();
    await runCommand(page(), 'View: Focus Right Editor Group');
    await openAt(page(), token('arch/x86/kvm/cpuid.c', /(kvm_eax_read)\(/)); // over the map
    await runCommand(page(), 'Show Register Map');
    await gateAt(gate.line + 1).waitFor();
    await runCommand(page(), 'View: Focus Left Editor Group');
    await page().keyboard.press('Control+z');
  });
});

/** Each step of an opening, in ms. */
function told({ panel, ready, content, drawn }: Opening): string {
  return [panel, ready, content, drawn].map((ms) => ms.toFixed(0)).join(' ');
}
