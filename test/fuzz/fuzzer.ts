import fc from 'fast-check';

/** Random inputs of one kind, each held to what must be true of all of them. */
export interface Fuzzer {
  readonly name: string;
  /** Tries the inputs of a seed, always the same ones, until one fails. */
  readonly run: (batch: Batch) => Outcome;
}

/** Inputs to try. */
export interface Batch {
  readonly seed: number;
  readonly inputs: number;
  /** Milliseconds after which no further input is tried, and a failed one is made no smaller. */
  readonly limit?: number;
}

export interface Outcome {
  /** How many inputs were tried. */
  readonly inputs: number;
  readonly failure: Failure | null;
}

/** An input that fails, made as small as was found in time. */
export interface Failure {
  readonly message: string;
  /** The input as files that show it: path to text. */
  readonly files: ReadonlyMap<string, string>;
}

interface FuzzerParts<Input> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws where something is not as it must be. */
  readonly judge: (input: Input) => void;
  readonly filesOf: (input: Input) => ReadonlyMap<string, string>;
}

export function fuzzerOf<Input>({ name, inputs, judge, filesOf }: FuzzerParts<Input>): Fuzzer {
  const property = fc.property(inputs, judge);
  return {
    name,
    run: ({ seed, inputs: numRuns, limit }) => {
      const interruption = limit === undefined ? {} : { interruptAfterTimeLimit: limit };
      const details = fc.check(property, { seed, numRuns, ...interruption });
      if (details.counterexample === null) return { inputs: details.numRuns, failure: null };
      const [input] = details.counterexample;
      return { inputs: details.numRuns, failure: { message: textOf(details.errorInstance), files: filesOf(input) } };
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
