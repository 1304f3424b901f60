import { createHash, type Hash } from 'node:crypto';
import { realDisk, type Disk, type DiskAnswer } from './disk.js';

/** A question to a disk: which, and of what path. */
export type DiskQuestion = readonly [kind: keyof Disk, path: string];

/** What a disk was asked, each question once, in their order, and a hash of them with all that it answered. */
export interface DiskTrace {
  readonly questions: readonly DiskQuestion[];
  readonly digest: string;
}

interface TracedDisk {
  readonly disk: Disk;
  /** What was asked up to now; null where a question had two answers, because the disk changed meanwhile. */
  readonly trace: () => DiskTrace | null;
}

/** A disk that notes what it is asked, and what it answers. */
export function tracedDisk(disk: Disk = realDisk): TracedDisk {
  const questions: DiskQuestion[] = [];
  const answers = new Map<string, string>();
  const digest = createHash('sha256');
  let isSteady = true;
  const traced =
    <Value>(kind: keyof Disk, ask: (path: string) => DiskAnswer<Value>) =>
    (path: string) => {
      const question = [kind, path] as const;
      const answer = ask(path);
      const name = JSON.stringify(question);
      const own = createHash('sha256');
      addAnswer(own, question, answer);
      const ownDigest = own.digest('base64');
      const before = answers.get(name);
      if (before === undefined) {
        questions.push(question);
        answers.set(name, ownDigest);
        addAnswer(digest, question, answer);
      } else isSteady &&= before === ownDigest;
      return answer;
    };
  return {
    disk: {
      directory: traced('directory', disk.directory),
      file: traced('file', disk.file),
      target: traced('target', disk.target),
    },
    trace: () => (isSteady ? { questions, digest: digest.copy().digest('hex') } : null),
  };
}

/** Puts the same questions to the disk of now; the digest. */
export function digestAgain(questions: readonly DiskQuestion[], disk: Disk = realDisk): string {
  const digest = createHash('sha256');
  for (const question of questions) addAnswer(digest, question, disk[question[0]](question[1]));
  return digest.digest('hex');
}

/** Adds a question and its answer to a hash, so that no two lists of them are the same bytes. */
function addAnswer(hash: Hash, question: DiskQuestion, answer: DiskAnswer<unknown>): void {
  const bytes = 'value' in answer && answer.value instanceof Uint8Array ? answer.value : null;
  hash.update(`${JSON.stringify([question, bytes ? bytes.length : answer])}\n`);
  if (bytes) hash.update(bytes);
}

/** Questions from what {@link JSON.stringify} made of them; null for any other text. */
export function parseQuestions(json: string): DiskQuestion[] | null {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) && value.every(isQuestion) ? value : null;
}

function isQuestion(value: unknown): value is DiskQuestion {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const kind: unknown = value[0];
  const path: unknown = value[1];
  return typeof kind === 'string' && Object.hasOwn(realDisk, kind) && typeof path === 'string';
}
