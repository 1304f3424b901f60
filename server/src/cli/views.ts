import type { Register, RegisterModel } from '../model/registerModel.js';
import { backendTitle } from '../model/query/backends.js';
import { registerRow } from '../view/mapView.js';
import { provenanceGraph, type ProvenanceGraph } from '../view/provenance.js';
import { dotText, mermaidText } from '../view/provenanceText.js';
import { timelines } from '../view/timeline.js';

/** A register's provenance graphs as text, of all backends or of one: in DOT or for Mermaid. */
export function provenanceText(
  model: RegisterModel,
  register: Register,
  { backend, form }: { readonly backend: string | null; readonly form: 'dot' | 'mermaid' },
): string {
  const row = registerRow(model, register);
  const graphs: ProvenanceGraph[] = row.cells
    .filter((cell) => backend === null || cell.backend === backend)
    .map((cell) => provenanceGraph(row.register, cell));
  return (form === 'dot' ? dotText : mermaidText)(graphs, (name) => backendTitle(model, name));
}

/** The runs of all backends, or of one, as a JSON document. */
export function timelineJson(model: RegisterModel, backend: string | null): object {
  return { schema: 1, kernel: model.kernel, runs: timelines(model, backend) };
}
