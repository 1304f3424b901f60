import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DocumentHighlight, Hover, Position } from 'vscode-languageserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { detailsOf } from '../../server/src/explain/explainDetails.js';
import { detailsText } from '../../server/src/explain/detailsText.js';
import { fittingExplanation } from '../../server/src/explain/fittingExplanation.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import type { OwnerItem } from '../../protocol/protocol.js';
import { registersBehind, registersOf, stateOf } from '../../server/src/model/query/definedRegisters.js';
import { definitionAt } from '../../server/src/model/query/definitionAt.js';
import { referencesToAny } from '../../server/src/model/query/references.js';
import { owningAssignments } from '../../server/src/model/query/xsaveAssignments.js';
import type { Register, RegisterModel } from '../../server/src/model/registerModel.js';
import { offsetAt } from '../../server/src/syntax/text/sourceText.js';
import { TEXT_COLUMNS } from '../../server/src/lsp/textColumns.js';
import { modelOfTree } from '../engine.js';
import { keeping } from '../keeping.js';
import { describeKernels } from '../kernels.js';
import { positionAt, startClient, uriOf, type Client } from './client.js';

/** The kernels that this is tested on; the answers at the others' positions are the engine's tests' business. */
const TESTED = new Set(['6.12', '7.2']);

describeKernels(
  'at hand-picked positions the server says what the engine says',
  (kernel) => {
    const places = placesOf(kernel.version);

    describe('over the wire', () => {
      let model: RegisterModel;
      let client: Client;

      beforeAll(async () => {
        client = await startClient({ folders: [kernel.root], environment: keeping() });
        model = await modelOfTree(kernel.root);
        // Waits for the index, so that no hover is an early one.
        await client.request('workspace/symbol', { query: 'of no symbol' });
      });
      afterAll(() => client.end());

      const ask = <T>(method: string, { path, position }: Place) =>
        client.request<T | null>(method, { textDocument: { uri: uriOf(join(model.root, path)) }, position });

      for (const at of places) {
        it(`${at}: hover and explanation`, async () => {
          const place = placeAt(model, at);
          const found = explainAt(model, place.path, place.offset);
          const text = found && explanationText(found.explanation, TEXT_COLUMNS);
          const hover = await ask<Hover>('textDocument/hover', place);
          const shown = found && explanationText(fittingExplanation(found.explanation, TEXT_COLUMNS), TEXT_COLUMNS);
          expect(hover?.contents ?? null).toEqual(shown === null ? null : { kind: 'plaintext', value: shown });
          // Explain has the hover's text, all of it, and below it the lists that a hover has no room for.
          const details = detailsOf(model, definitionAt(model, place.path, place.offset));
          const lists = details ? detailsText(details, TEXT_COLUMNS) : '';
          const all = [text ?? '', lists].filter((part) => part !== '').join('\n\n');
          expect((await ask<{ text: string }>('kvmRegs/explain', place))?.text ?? '').toBe(all);
          expect(all.split('\n').filter((line) => line.length > 80)).toEqual([]);
        });

        it(`${at}: owners and highlights`, async () => {
          const place = placeAt(model, at);
          const definition = definitionAt(model, place.path, place.offset);
          const [behind] = definition ? registersBehind(model, definition) : [];
          const [register] = definition ? registersOf(model, definition) : [];
          const state = definition && stateOf(definition);
          const answer = await ask<Owners>('kvmRegs/owners', place);
          if (state) {
            expect(answer?.register).toBe(state.name);
            const lines = answer?.owners.flatMap(({ locations }) => locations.map(lineOf)) ?? [];
            const places = owningAssignments(model, state).map(({ file, line }) => `${file}:${String(line)}`);
            expect(new Set(lines.map((line) => relative(model.root, line)))).toEqual(new Set(places));
          } else expect(answer && said(model, answer)).toEqual(behind ? known(model, behind) : null);
          const highlights = await ask<DocumentHighlight[]>('textDocument/documentHighlight', place);
          if (state || (register && isOwnAt(model, place, register))) {
            expect(highlights?.some(({ range }) => holds(range, place.position))).toBe(true);
          } else if (!register) expect(highlights).toBeNull();
          else expect(highlights).not.toEqual([]);
        });
      }
    });
  },
  ({ version }) => TESTED.has(version),
);

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly position: Position;
}

/** `FILE:LINE:COLUMN` of each position that is picked in a kernel; none where there is no file of them. */
function placesOf(version: string): readonly string[] {
  const file = new URL(`../positions/${version}.json`, import.meta.url);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { at: string }[]).map(({ at }) => at) : [];
}

function placeAt(model: RegisterModel, at: string): Place {
  const [, path = '', line, column] = /^(.+):(\d+):(\d+)$/.exec(at) ?? [];
  const source = model.files.get(path)?.source;
  const offset = source ? offsetAt(source, Number(line), Number(column)) : null;
  if (!source || offset === null) throw new Error(`no ${at} in ${model.root}`);
  return { path, offset, position: positionAt(source.text, offset) };
}

/** Whether the register itself stands there, not a function or field built on it. */
function isOwnAt(model: RegisterModel, { path, offset }: Place, register: Register): boolean {
  return referencesToAny(model, path, [register]).some((r) => r.start <= offset && offset < r.end);
}

interface Owners {
  readonly register: string;
  readonly owners: readonly OwnerItem[];
}

/** `/path/of/x86.c:1060` */
function lineOf({ uri, range }: OwnerItem['locations'][number]): string {
  return `${fileURLToPath(uri)}:${String(range.start.line + 1)}`;
}

/** A register's owners in an order of their own: the server's begins with the file's backend. */
function said(model: RegisterModel, { register, owners }: Owners): readonly string[] {
  return owners
    .map(({ backend, sync, detail, locations }) =>
      [register, backend, sync, detail, ...locations.map(({ uri }) => relative(model.root, fileURLToPath(uri)))].join(
        '\n',
      ),
    )
    .sort();
}

function known(model: RegisterModel, register: Register): readonly string[] {
  return register.owners
    .map((owner) =>
      [
        register.register,
        owner.backend,
        owner.sync,
        ownerSummary(model, register, owner),
        ...[...owner.load, ...owner.store].map(({ file }) => file),
      ].join('\n'),
    )
    .sort();
}

function holds({ start, end }: DocumentHighlight['range'], { line, character }: Position): boolean {
  return start.line === line && start.character <= character && character < end.character;
}
