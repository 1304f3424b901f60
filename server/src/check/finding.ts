import type { Span } from '../syntax/text/sourceText.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';

/** The two kinds of rules (the contract's `family`): mistakes in tracking registers, and what holds fewer than 32 GPRs. */
export type RuleFamily = 'tracking' | 'apx';

/** The contract's `severity`, most severe first. */
type Severity = 'error' | 'warning' | 'info' | 'hint';

/** Another place that shows why something is a finding. */
export interface RelatedPlace {
  readonly file: string;
  readonly span: Span;
  /** What it shows, in a few words: `the set that makes it lazy`. */
  readonly message: string;
}

/** One place in a tree that a rule has something to say of. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  readonly file: string;
  /** The token that it is about. */
  readonly span: Span;
  readonly message: string;
  readonly related: readonly RelatedPlace[];
}

/** A piece of text that takes another's place. */
export interface TextEdit {
  readonly file: string;
  readonly span: Span;
  readonly text: string;
}

/** A change that makes a finding go. */
export interface Fix {
  /** What is done, as an order: `Read it by kvm_rsp_read()`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Makes a finding of the rule with an id, at the token that it is about. */
export function finding(rule: string, at: FileSpan, message: string, related: readonly RelatedPlace[] = []): Finding {
  return { rule, ...relatedPlace(at, message), related };
}

/** Makes a place that a finding names besides its own. */
export function relatedPlace({ file, start, end }: FileSpan, message: string): RelatedPlace {
  return { file, span: { start, end }, message };
}

/** A rule with its documentation, which docs/checks.md is made of. */
export interface Rule {
  /** `tracking/not-marked-dirty`, `apx/narrow-index`. */
  readonly id: string;
  readonly family: RuleFamily;
  readonly severity: Severity;
  /** What it reports, in one sentence. */
  readonly title: string;
  /** Why that is a mistake, or what is needed instead; sentences. */
  readonly why: string;
  /** What looks alike and is not reported, each with its reason. */
  readonly exemptions: readonly string[];
  /** What a series that gives guests R16-R31 has to make of what is found, in a few words; not of rules on mistakes. */
  readonly task?: string;
  readonly find: (model: RegisterModel) => readonly Finding[];
  /** Ways to mend one of its findings, the best first; empty where there is more to it than an edit. */
  readonly fixes?: (model: RegisterModel, finding: Finding) => readonly Fix[];
}
