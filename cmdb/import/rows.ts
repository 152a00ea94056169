import { cmdbErrors } from '../errors.ts';

/** Where something stands in what was sent: for messages, and for nothing else. */
export interface Place {
  readonly file: string;
  /** Line of a text, or place in a list; from 1. */
  readonly line: number;
}

/** One CI as a file tells it. */
export interface CiRow extends Place {
  readonly key: string;
  readonly type: string;
  /** What the tool calls the type, where its reader has put ours in place of it. */
  readonly sourceType?: string;
  readonly name?: string;
  readonly status?: string;
  readonly attributes: Record<string, unknown>;
  readonly firstSeenAt?: Date;
  readonly lastSeenAt?: Date;
}

/** One relation as a file tells it. */
export interface RelationRow extends Place {
  readonly from: string;
  readonly type: string;
  /** What the tool calls the relation, where its reader has put ours in place of it. */
  readonly sourceType?: string;
  readonly to: string;
  readonly group?: string;
  readonly minUp?: number;
  readonly minUpPercent?: number;
  readonly weight?: number;
  readonly attributes: Record<string, unknown>;
  readonly source?: string;
  readonly confidence?: number;
  readonly firstSeenAt?: Date;
  readonly lastSeenAt?: Date;
  /** Exports of other tools are excerpts: an end that is not there is told of, and does not stop the import. */
  readonly loose?: boolean;
}

/** One person who answers for a CI, as a file tells it. */
export interface ContactRow extends Place {
  readonly name: string;
  readonly object: string;
  readonly deputy: boolean;
  readonly attributes: Record<string, unknown>;
}

/** Something that the reader of an import must know, with how often it came about. */
export interface Note {
  readonly message: string;
  readonly count: number;
}

/** What was sent, read but not yet understood. */
export interface ImportRows {
  readonly cis: readonly CiRow[];
  readonly relations: readonly RelationRow[];
  readonly contacts: readonly ContactRow[];
  /** What a reader left out or took otherwise than it was written. */
  readonly notes?: readonly Note[];
}

/** The error of one line: nothing of the import stays. */
export function lineError(place: Place, field: string, problem: string): Error {
  return cmdbErrors.CMDB_IMPORT_LINE(
    { file: place.file, line: place.line, field, problem },
    { field, detail: { file: place.file, line: place.line, field } },
  );
}

const LONGEST_KEY = 200;

/** A key as it may stand: some text, of one line. */
export function checkedKey(place: Place, field: string, value: string | undefined): string {
  const key = value?.trim() ?? '';
  if (key === '') throw lineError(place, field, 'is empty; write the key of a CI.');
  if (key.length > LONGEST_KEY) throw lineError(place, field, `is longer than ${LONGEST_KEY} characters; shorten it.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(key)) throw lineError(place, field, 'holds a control character; remove it.');
  return key;
}

/** min_up as it may stand: a whole number from 1 on. */
export function checkedMinUp(place: Place, field: string, value: string | number): number {
  const minUp = Number(value);
  if (Number.isInteger(minUp) && minUp >= 1 && minUp <= 1_000_000) return minUp;
  throw lineError(place, field, `"${value}" is not a whole number from 1 on; say how many members must be up.`);
}

/** min_up_percent as it may stand: more than 0 up to 100, with its sign or without. */
export function checkedPercent(place: Place, field: string, value: string | number): number {
  const percent = Number(String(value).replace(/\s*[%％]\s*$/, ''));
  if (percent >= 0.01 && percent <= 100) return percent;
  throw lineError(place, field, `"${value}" is not a percentage above 0; say how much of the group must be up.`);
}

/** weight as it may stand: a whole number from 1 to 10,000. */
export function checkedWeight(place: Place, field: string, value: string | number): number {
  const weight = Number(value);
  if (Number.isInteger(weight) && weight >= 1 && weight <= 10_000) return weight;
  throw lineError(place, field, `"${value}" is not a whole number from 1 to 10,000; say what the member counts for.`);
}

/** How sure a source is: 0 to 1. */
export function checkedConfidence(place: Place, field: string, value: string | number): number {
  const confidence = Number(value);
  if (confidence >= 0 && confidence <= 1) return confidence;
  throw lineError(place, field, `"${value}" is not a number from 0 to 1.`);
}

/** A time as an export of ours writes it. */
export function checkedTime(place: Place, field: string, value: string): Date {
  const time = new Date(value);
  if (/^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(time.getTime())) return time;
  throw lineError(place, field, `"${value}" is not a time; write it as 2026-01-31T12:00:00Z.`);
}

/** Counts notes by their message. */
export class Notes {
  readonly #counts = new Map<string, number>();

  add(message: string, count = 1): void {
    this.#counts.set(message, (this.#counts.get(message) ?? 0) + count);
  }

  list(): Note[] {
    return [...this.#counts].map(([message, count]) => ({ message, count }));
  }
}
