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
  readonly name?: string;
  readonly status?: string;
  readonly attributes: Record<string, unknown>;
}

/** One relation as a file tells it. */
export interface RelationRow extends Place {
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly group?: string;
  readonly minUp?: number;
  readonly attributes: Record<string, unknown>;
}

/** One person who answers for a CI, as a file tells it. */
export interface ContactRow extends Place {
  readonly name: string;
  readonly object: string;
  readonly deputy: boolean;
  readonly attributes: Record<string, unknown>;
}

/** What was sent, read but not yet understood. */
export interface ImportRows {
  readonly cis: readonly CiRow[];
  readonly relations: readonly RelationRow[];
  readonly contacts: readonly ContactRow[];
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
