import { FPU_LOCK } from '../../facts/egpr/fpuInterfaces.js';
import type { CallGraph, GraphNode } from '../callGraph.js';

/** Calls between a function and the lock, and between the lock's holder and what runs under it, at the most. */
const FARTHEST = 3;

/**
 * By which call code comes to run with the FPU registers locked: `fpregs_lock`, or KVM's own function that calls it
 * (`kvm_fpu_get`); null where one of its callers does not lock them.
 */
export function fpregsLock(graph: CallGraph, node: GraphNode, offset: number, distance = 0): string | null {
  const own = node.c?.calls.find((call) => call.offset < offset && locks(graph, call.name, node.file, 0));
  if (own) return own.name;
  const callers = distance < FARTHEST ? graph.callers(node) : [];
  const found = callers.map((edge) => fpregsLock(graph, edge.caller, edge.offset, distance + 1));
  return found.includes(null) ? null : (found[0] ?? null);
}

function locks(graph: CallGraph, name: string, file: string, distance: number): boolean {
  if (name === FPU_LOCK) return true;
  const node = distance < FARTHEST ? graph.find(name, file) : null;
  return node?.c?.calls.some((call) => locks(graph, call.name, node.file, distance + 1)) ?? false;
}
