import { type TableRecord, tableRecords } from '../csvRecords.ts';
import { type Content, isRecord, textOf } from './sourceFile.ts';

/** One list of records, in whichever notation it was exported. */
export interface ServiceNowList {
  readonly file: string;
  readonly columns: readonly string[];
  /** The beginning of its text, where values are looked at to tell what it lists. */
  readonly start: string;
  /** Its records, read when they are wanted. */
  readonly records: () => TableRecord[];
}

const START_CHARACTERS = 20_000;
const START_RECORDS = 100;

/** The lists of a file that may be ServiceNow's: a table, or records of JSON that have a sys_id. */
export function listsOf(content: Content): ServiceNowList[] {
  const { file } = content;
  if (content.notation === 'table') {
    const { text, columns } = content;
    return [{ file, columns, start: text.slice(0, START_CHARACTERS), records: () => tableRecords(file, text) }];
  }
  if (content.written !== 'tree') return [];
  return content.documents.flatMap((document) => {
    const entries = recordsIn(document);
    if (!entries.some((entry) => 'sys_id' in entry)) return [];
    const columns = [...new Set(entries.flatMap(Object.keys))];
    const records = () => entries.map((entry, at) => ({ line: at + 1, cells: cellsOf(entry) }));
    return [{ file, columns, start: JSON.stringify(entries.slice(0, START_RECORDS)), records }];
  });
}

/** `{"records": […]}` of an export, `{"result": […]}` of the Table API, or the bare list. */
function recordsIn(document: unknown): Record<string, unknown>[] {
  const list = isRecord(document) ? (document.records ?? document.result) : document;
  if (Array.isArray(list)) return list.filter(isRecord);
  return isRecord(list) ? [list] : [];
}

/** Fields that name another record by its id, however it is displayed. */
const BY_ID = new Set(['sys_id', 'parent', 'child']);

/** References are `{link, value}`, or `{display_value, value}` where display values were asked for. */
function cellsOf(entry: Record<string, unknown>): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [field, value] of Object.entries(entry)) {
    const told = isRecord(value) ? [value.display_value, value.value] : [value];
    const text = (BY_ID.has(field) ? told.toReversed() : told).map(textOf).find((one) => one !== undefined);
    if (text !== undefined) cells.set(field, text);
  }
  return cells;
}
