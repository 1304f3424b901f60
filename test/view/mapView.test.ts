import { describe, expect, it } from 'vitest';
import { mapJson } from '../../server/src/cli/mapJson.js';
import { mapView, type OwnerCase } from '../../server/src/view/mapView.js';
import { provenanceGraph } from '../../server/src/view/provenance.js';
import { graphDrawing } from '../../server/src/view/graphLayout.js';
import type { TransferView } from '../../server/src/view/transferView.js';
import { TREES } from './trees.js';

interface JsonOwner {
  readonly backend: string;
  readonly when?: string;
  readonly sync: string;
  readonly place: { readonly kind: string; readonly name: string };
  readonly load: readonly JsonTransfer[];
  readonly store: readonly JsonTransfer[];
  readonly summary: string;
  readonly unknown?: Readonly<Record<'load' | 'store', readonly { readonly line: number | null }[]>>;
  readonly missing?: readonly string[];
}

interface JsonTransfer {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly phase: string;
  readonly guards: readonly string[];
}

interface JsonMap {
  readonly backends: readonly string[];
  readonly registers: readonly { readonly register: string; readonly owners: readonly JsonOwner[] }[];
}

describe.each(TREES)('$name', ({ model }) => {
  it('has a cell for each register and backend, and says in each what `map --json` does', async () => {
    const tree = await model();
    const view = mapView(tree);
    const json = JSON.parse(JSON.stringify(mapJson(tree))) as JsonMap;
    const rows = view.groups.flatMap((group) => group.rows);
    expect(rows.map(({ register }) => register).sort()).toEqual(json.registers.map(({ register }) => register).sort());
    for (const { register, cells } of rows) {
      const owners = json.registers.find((one) => one.register === register)?.owners ?? [];
      expect(cells.map(({ backend }) => backend)).toEqual(json.backends);
      expect(
        cells.flatMap(({ backend, cases }) => cases.map((owner) => told(backend, owner))),
        register,
      ).toEqual(json.backends.flatMap((backend) => owners.filter((owner) => owner.backend === backend).map(written)));
    }
  });

  it('has a provenance graph whose edges are the transfers of the owners, each once, and which is laid out', async () => {
    const view = mapView(await model());
    for (const { register, cells } of view.groups.flatMap((group) => group.rows))
      for (const cell of cells) {
        const { nodes, edges } = provenanceGraph(register, cell);
        const drawn = (side: 'entry' | 'exit') =>
          edges.filter((edge) => edge.side === side).flatMap(({ transfers }) => transfers.map(placeOf));
        const owned = (side: 'load' | 'store') => [...new Set(cell.cases.flatMap((owner) => owner[side].map(placeOf)))];
        expect(drawn('entry').sort(), `${register} ${cell.backend}`).toEqual(owned('store').sort());
        expect(drawn('exit').sort(), `${register} ${cell.backend}`).toEqual(owned('load').sort());
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
        expectLaidOut(graphDrawing({ register, backend: cell.backend, nodes, edges }));
      }
  });
});

function told(backend: string, { sync, place, when, load, store, summary, unknown, missing }: OwnerCase) {
  const lines = unknown.load.length + unknown.store.length > 0 ? [unknown.load.length, unknown.store.length] : null;
  return {
    backend,
    sync,
    kind: place.kind,
    when,
    load: load.map(moved),
    store: store.map(moved),
    summary,
    lines,
    missing,
  };
}

function written({ backend, sync, place, when, load, store, summary, unknown, missing }: JsonOwner) {
  const lines = unknown ? [unknown.load.length, unknown.store.length] : null;
  return {
    backend,
    sync,
    kind: place.kind,
    when: when ?? null,
    load: load.map(moved),
    store: store.map(moved),
    summary,
    lines,
    missing: missing ?? [],
  };
}

function moved({ file, line, function: fn, phase, guards }: JsonTransfer) {
  return { file, line, function: fn, phase, guards: [...guards] };
}

function placeOf({ file, line, column, from, to }: TransferView): string {
  return [file, line, column, from?.kind, from?.block, from?.name, to?.kind, to?.block, to?.name].join(' ');
}

/** No two places or labels of a drawing cover each other, and each is inside of it. */
function expectLaidOut({ width, height, nodes, edges }: ReturnType<typeof graphDrawing>): void {
  const boxes = [...nodes, ...edges];
  for (const [i, a] of boxes.entries()) {
    expect(a.x - a.width / 2).toBeGreaterThanOrEqual(-1);
    expect(a.x + a.width / 2).toBeLessThanOrEqual(width + 1);
    expect(a.y + a.height / 2).toBeLessThanOrEqual(height + 1);
    for (const b of boxes.slice(i + 1)) {
      const isApart =
        Math.abs(a.x - b.x) >= (a.width + b.width) / 2 - 1 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2 - 1;
      expect(isApart, `${a.lines.join(' ')} and ${b.lines.join(' ')}`).toBe(true);
    }
  }
}
