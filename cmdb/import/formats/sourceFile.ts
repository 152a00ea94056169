import { tableColumns } from '../csvRecords.ts';
import { lineError } from '../rows.ts';
import { readDocuments } from './readDocuments.ts';

/** One file as it was sent; its name is for messages and for nothing else. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** What a file holds, as far as its notation tells. */
export type Content =
  | { readonly notation: 'table'; readonly file: string; readonly text: string; readonly columns: readonly string[] }
  | {
      readonly notation: 'documents';
      readonly file: string;
      readonly documents: readonly unknown[];
      /** Of JSON and YAML, which look alike once they are read, or of XML. */
      readonly written: 'tree' | 'xml';
    };

/** Tells the notation by the first characters and reads what is no table. @throws {FaultlineError} CMDB_IMPORT_LINE */
export async function contentOf({ name: file, text: raw }: SourceFile): Promise<Content> {
  const text = raw.replace(/^\uFEFF/, '');
  const start = text.slice(0, 4096).trimStart();
  if (start === '') throw lineError({ file, line: 1 }, 'file', 'is empty; leave it out.');
  if (start.startsWith('<')) {
    return { notation: 'documents', written: 'xml', file, documents: await readDocuments(file, 'xml', text) };
  }
  if (/^[[{]/.test(start))
    return { notation: 'documents', written: 'tree', file, documents: jsonDocuments(file, text) };
  if (looksLikeYaml(start)) {
    return { notation: 'documents', written: 'tree', file, documents: await readDocuments(file, 'yaml', text) };
  }
  return { notation: 'table', file, text, columns: tableColumns(file, text) };
}

/** The first line that says something is a mapping's, a list's or a document's beginning. */
function looksLikeYaml(start: string): boolean {
  const first = start.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  return /^(---|%YAML|- )|^["']?[\w./-]+["']?:(\s|$)/.test(first);
}

/** One JSON value, or one per line. */
function jsonDocuments(file: string, text: string): unknown[] {
  try {
    return [JSON.parse(text) as unknown];
  } catch (whole) {
    const lines = text.split(/\r?\n/);
    const values: unknown[] = [];
    for (const [at, line] of lines.entries()) {
      if (line.trim() === '') continue;
      try {
        values.push(JSON.parse(line));
      } catch {
        const problem = values.length > 0 ? `line ${at + 1} is none by itself` : (whole as Error).message;
        throw lineError({ file, line: values.length > 0 ? at + 1 : 1 }, 'JSON', `is no JSON: ${problem}.`);
      }
    }
    return [values];
  }
}

/** An object that is no list: what most documents are made of. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text that says something, of a value that may be a number; undefined of anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
