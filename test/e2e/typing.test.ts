import { loadavg } from 'node:os';
import { describe, expect, test } from 'vitest';
import { missingForVsCode } from './availability.js';
import { closeOtherGroups, openAt, runCommand, splitEditor, treeIsRead, visibleLenses } from './editor.js';
import { keyLatencies, msUntilLensesLose } from './keystrokes.js';
import { token } from './kernel72.js';
import { median } from './median.js';
import { frameOfPage, shownPage } from './page.js';
import { useWorkbench } from './useWorkbench.js';

const missing = missingForVsCode();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

/** How often one types with the map and without it, in turn. */
const ROUNDS = 3;
const TEXT = 'the map is open beside the code'; // typed into a comment, as fast as one types
const KEY_MS = 80;

/** What a key may take longer with the map beside it than without, in ms, the median; and lenses after the last key. */
const MOST_MS = 30;
const MOST_LENS_MS = 1_000;

/** More messages to the map's page than this would be some for keys, not for edits that rest. */
const MOST_MESSAGES = 3;

/** One round: a key's median time to the next frame, the lenses' time to what the edit makes of them. In ms. */
interface Typed {
  readonly key: number;
  readonly lens: number;
}

describe.skipIf(missing !== null)(title('typing into x86.c of Linux 7.2'), () => {
  const page = useWorkbench();
  const xss = () => token('arch/x86/kvm/x86.c', /^\t+(wrmsrq)\(MSR_IA32_XSS, load_guest/);

  test('is as smooth with the map open beside it, which keeps its place', { timeout: 240_000 }, async () => {
    await treeIsRead(page());
    const open: Typed[] = [];
    const closed: Typed[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      closed.push(await typed());
      await splitEditor(page());
      await runCommand(page(), 'Show Register Map');
      await shownPage(page()).locator('#map a[href="#CR3-svm"]').click();
      await shownPage(page()).locator('#CR3-svm.chosen').waitFor();
      const scrolled = await scrollTop();
      expect(scrolled).toBeGreaterThan(0);
      const messages = await messagesToMap();
      await runCommand(page(), 'View: Focus Left Editor Group');
      open.push(await typed());
      expect(await shownPage(page()).locator('#CR3-svm.chosen').count()).toBe(1);
      expect(await scrollTop()).toBe(scrolled);
      expect((await messages()).length).toBeLessThanOrEqual(MOST_MESSAGES);
      await closeOtherGroups(page());
    }
    console.log(`load ${loadavg()[0]?.toFixed(1) ?? ''}: with the map ${told(open)}; without ${told(closed)}`);
    const longer = (time: (one: Typed) => number) => median(open.map(time)) - median(closed.map(time));
    expect(longer(({ key }) => key)).toBeLessThan(MOST_MS);
    expect(longer(({ lens }) => lens)).toBeLessThan(MOST_LENS_MS);
  });

  /** Makes a comment of the line that writes IA32_XSS, types more into it, and takes it back. */
  async function typed(): Promise<Typed> {
    await openAt(page(), xss());
    await expect.poll(() => visibleLenses(page())).toContainEqual(expect.stringContaining('IA32_XSS'));
    const lens = await msUntilLensesLose(page(), 'IA32_XSS', async () => {
      await page().keyboard.press('Home');
      await page().keyboard.type('//');
    });
    const keys = await keyLatencies(page(), () => page().keyboard.type(TEXT, { delay: KEY_MS }));
    await runCommand(page(), 'File: Revert File');
    return { key: median(keys), lens };
  }

  async function scrollTop(): Promise<number> {
    return shownPage(page())
      .locator('#content')
      .evaluate((content) => content.scrollTop);
  }

  /** Notes what is said to the map's page from now on. */
  async function messagesToMap(): Promise<() => Promise<readonly string[]>> {
    const frame = await frameOfPage(page());
    const types = await frame.evaluateHandle(() => {
      const seen: string[] = [];
      addEventListener('message', ({ data }: MessageEvent<{ readonly type: string }>) => seen.push(data.type));
      return seen;
    });
    return () => types.evaluate((seen) => seen.filter((type) => type !== 'section'));
  }
});

function told(rounds: readonly Typed[]): string {
  return rounds.map(({ key, lens }) => `${key.toFixed(0)} ms a key, ${lens.toFixed(0)} ms the lenses`).join(', ');
}
