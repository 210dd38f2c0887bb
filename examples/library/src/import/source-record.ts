/** One entry of a file, as its parser read it. Names of fields are in lower case. */
export interface SourceRecord {
  readonly kind: "record";
  /** Where the entry begins, from 1. */
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
  /** What was read in a way its writer may not have meant. */
  readonly remarks: readonly string[];
  /** How far into the text the parser has come. */
  readonly end: number;
}

/** A part of a file that cannot be read; the parser goes on after it. */
export interface SourceFault {
  readonly kind: "fault";
  readonly line: number;
  readonly reason: string;
  readonly end: number;
}

/** What a parser yields, one at a time, so that whoever asks may pause between two. */
export type SourceItem = SourceRecord | SourceFault;
