import type { EvaluationRow, Verdict } from './suite.ts';

const HEADINGS = ['suite', 'case', 'ours', 'reference', 'bar', 'verdict'] as const;
const COLOURS: Readonly<Record<Verdict, string>> = { met: '\x1b[32m', missed: '\x1b[31m', 'not run': '\x1b[2m' };

/** The rows as lines of text in columns, each followed by its note. */
export function tableLines(rows: readonly EvaluationRow[], coloured: boolean): string[] {
  const cells = rows.map((row) => HEADINGS.map((heading) => cell(row[heading])));
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...cells.map((line) => line[i]!.length)));
  const join = (line: readonly string[]) =>
    line
      .map((value, i) => value.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const lines = [join(HEADINGS), join(widths.map((width) => '─'.repeat(width)))];
  rows.forEach((row, i) => {
    const line = join(cells[i]!);
    lines.push(coloured ? `${COLOURS[row.verdict]}${line}\x1b[0m` : line);
    if (row.note !== '') lines.push(`    ${row.note}`);
  });
  return lines;
}

function cell(value: number | string | null): string {
  if (value === null) return '–';
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : value;
}
