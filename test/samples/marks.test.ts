import { describe, expect, it } from 'vitest';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { locationAt } from '../../server/src/syntax/text/sourceText.js';
import { modelOfTree, treeAt } from '../engine.js';
import { readMarks, type Mark } from '../marks.js';
import { sampleNames, samplePath } from '../samples.js';

describe.each(sampleNames())('samples/%s', (name) => {
  it('has a reference as marked at each mark', async () => {
    const model = await modelOfTree(samplePath(name));
    const marks = treeAt(samplePath(name)).files.flatMap((file) => readMarks(file.path, file.text));
    expect(marks.map((mark) => found(model, mark))).toEqual(marks.map(marked));
  });
});

function marked(mark: Mark): string {
  return `${mark.file}:${mark.line}:${mark.column} ${mark.text}`;
}

/** What the model says of the marked token, in the mark's words; of several references to it, the marked one. */
function found(model: RegisterModel, mark: Mark): string {
  const file = model.files.get(mark.file);
  const said = (file?.references ?? []).flatMap((reference) => {
    if (!file) return [];
    const { line, column } = locationAt(file.source, reference.start);
    if (line !== mark.line || column !== mark.column) return [];
    return [`${mark.file}:${line}:${column} ref ${reference.register ?? 'null'} ${reference.kind}`];
  });
  return said.find((text) => text === marked(mark)) ?? (said.join(', ') || `${mark.file}:${mark.line} no reference`);
}
