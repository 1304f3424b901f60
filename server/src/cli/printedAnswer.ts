import { ExitStatus } from './exitStatus.js';

/** What a command prints, and how it ends. */
export interface PrintedAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: ExitStatus;
}

/** An answer from what {@link JSON.stringify} made of it; null for any other text. */
export function parsePrintedAnswer(json: string): PrintedAnswer | null {
  const value: unknown = JSON.parse(json);
  return isPrintedAnswer(value) ? value : null;
}

function isPrintedAnswer(value: unknown): value is PrintedAnswer {
  if (typeof value !== 'object' || value === null) return false;
  if (!('stdout' in value && 'stderr' in value && 'status' in value)) return false;
  const { stdout, stderr, status } = value;
  const isStatus = Object.values(ExitStatus).some((known) => known === status);
  return typeof stdout === 'string' && typeof stderr === 'string' && isStatus;
}
