/** One row of an answer by column; absent columns are empty. */
export type Row = Readonly<Record<string, string>>;

/**
 * Reads the CSV that a query answers with: tables separated by empty lines, each with its own header (dialect with
 * header and without annotations).
 */
export function parseTables(csv: string): Row[] {
  const rows: Row[] = [];
  let header: string[] | null = null;
  let at = 0;
  while (at < csv.length) {
    const { fields, next } = readRecord(csv, at);
    at = next;
    if (fields.length === 1 && fields[0] === '') {
      header = null;
      continue;
    }
    if (header === null) {
      header = fields;
      const error = header.indexOf('error');
      if (error >= 0 && header[error + 1] === 'reference')
        throw new QueryFailed(readRecord(csv, at).fields[error] ?? 'unknown error');
      continue;
    }
    const row: Record<string, string> = {};
    for (let i = 0; i < header.length; i++) row[header[i]!] = fields[i] ?? '';
    rows.push(row);
  }
  return rows;
}

/** A query that failed after its answer had begun: the error is a table of the answer. */
export class QueryFailed extends Error {}

function readRecord(csv: string, start: number): { fields: string[]; next: number } {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    let field: string;
    if (csv[at] === '"') ({ field, next: at } = readQuoted(csv, at));
    else {
      let end = at;
      while (end < csv.length) {
        const code = csv.charCodeAt(end);
        if (code === 0x2c || code === 0x0a || code === 0x0d) break;
        end++;
      }
      field = csv.slice(at, end);
      at = end;
    }
    fields.push(field);
    if (csv.charCodeAt(at) === 0x2c) {
      at++;
      continue;
    }
    if (csv.charCodeAt(at) === 0x0d) at++;
    if (csv.charCodeAt(at) === 0x0a) at++;
    return { fields, next: at };
  }
}

function readQuoted(csv: string, start: number): { field: string; next: number } {
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = csv.indexOf('"', at);
    if (quote < 0) throw new QueryFailed('the answer ends within a quoted field');
    field += csv.slice(at, quote);
    if (csv[quote + 1] !== '"') return { field, next: quote + 1 };
    field += '"';
    at = quote + 2;
  }
}

/** An RFC 3339 instant of an answer, in nanoseconds. */
export function instantNs(text: string): bigint {
  const dot = text.indexOf('.');
  if (dot < 0) return BigInt(Date.parse(text)) * 1_000_000n;
  const fraction = text.slice(dot + 1, -1).padEnd(9, '0');
  return BigInt(Date.parse(`${text.slice(0, dot)}Z`)) * 1_000_000n + BigInt(fraction);
}
