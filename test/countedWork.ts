import { Session, type Profiler } from 'node:inspector';

// Counts begin with this import, before anything of the server runs: what V8 has compiled before is not counted block by block.
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * How much the server's code does in a piece of work: how often its functions and blocks run, as V8 counts them. The same on every
 * machine, however busy. What V8's own functions do is not in it: regular expressions are lint's to judge.
 */
export function countedWork(work: () => void): number {
  takeCounts();
  work();
  return takeCounts();
}

/** The counts since they were last taken. */
function takeCounts(): number {
  let counts = 0;
  // With a session of the same thread, what is posted is answered at once.
  session.post('Profiler.takePreciseCoverage', (error, { result }: Profiler.TakePreciseCoverageReturnType) => {
    if (error) throw error;
    const functions = result.filter(({ url }) => url.includes('/server/src/')).flatMap((script) => script.functions);
    counts = functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
  });
  return counts;
}

/**
 * How much more is done for the second half of an input twice as long than for the first: 2 for four times an input against twice,
 * where work is linear; 4 where it is quadratic. What does not depend on the input is no matter.
 */
export function workGrowth(work: (length: number) => void, length: number): number {
  work(length); // What is done once and remembered is done.
  const [one = 0, two = 0, four = 0] = [1, 2, 4].map((times) =>
    countedWork(() => {
      work(times * length);
    }),
  );
  return (four - two) / (two - one);
}
