import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { hardwareKind } from './backends.js';

/** The fields of the host's state in a save area that a function writes, each once: `HOST_RSP`. */
export function hostFieldsWritten(model: RegisterModel, node: GraphNode): readonly string[] {
  const written = (node.c?.moves ?? []).flatMap(({ to }) => {
    const constants = to && hardwareKind(model, to.kind)?.constants;
    return to && constants && !constants.test(to.name) && to.name.startsWith(HOST) ? [to.name] : [];
  });
  return [...new Set(written)];
}

/** SDM vol. 3, appendix B. */
const HOST = 'HOST_';
