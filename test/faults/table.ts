import type { CaseResult } from './runCase.ts';

const HEAD = ['case', 'injected', 'acknowledged', 'lost', 'doubled', 'slowest recovery', ''];
const RIGHT = new Set([2, 3, 4, 5]);

/** The table that a run ends with. */
export function tableOf(results: readonly CaseResult[]): string {
  const lines = [HEAD, ...results.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (RIGHT.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [lineOf(HEAD), widths.map((width) => '─'.repeat(width)).join('  '), ...lines.slice(1).map(lineOf)].join('\n');
}

function cellsOf({ name, title, row, failure }: CaseResult): string[] {
  const verdict = failure === null ? (row?.note ?? '') : `FAILED: ${failure.split('\n')[0]}`;
  if (!row) return [name, title, '', '', '', '', verdict];
  const counts = [row.acknowledged, row.lost, row.doubled].map((count) => count.toLocaleString('en'));
  return [name, row.injected, ...counts, recoveryOf(row.slowestRecoveryMs), verdict];
}

function recoveryOf(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
