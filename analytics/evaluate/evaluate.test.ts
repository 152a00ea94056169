import { expect, test } from 'vitest';
import { notRun } from './notRun.ts';
import { plot } from './plot.ts';
import type { EvaluationRow, Suite } from './suite.ts';
import { SUITES } from './suites.ts';
import { tableLines } from './table.ts';

const suite: Suite = {
  name: 'rig',
  folder: 'rig',
  cases: [{ case: 'all', reference: '1 of 2', bar: '≥ 2 of 2' }],
  run: async () => [],
};

test('a suite without its data says so in every case, and that is no verdict', () => {
  expect(notRun(suite, 'no folder rig')).toEqual([
    {
      ...{ suite: 'rig', case: 'all', ours: null, reference: '1 of 2', bar: '≥ 2 of 2' },
      ...{ verdict: 'not run', note: 'no folder rig' },
    },
  ]);
});

test('every registered suite goes by the name it is asked for, and lists its cases', async () => {
  for (const [name, load] of Object.entries(SUITES)) {
    const { suite: loaded } = await load();
    expect(loaded.name).toBe(name);
    expect(loaded.cases.length).toBeGreaterThan(0);
  }
});

test('columns stand beneath one another, the note below', () => {
  const row: EvaluationRow = { ...notRun(suite, '')[0]!, ours: 0.123456, verdict: 'met', note: 'two files' };
  expect(tableLines([row], false)).toEqual([
    'suite  case  ours    reference  bar       verdict',
    '─────  ────  ──────  ─────────  ────────  ───────',
    'rig    all   0.1235  1 of 2     ≥ 2 of 2  met',
    '    two files',
  ]);
});

test('a curve of many points is thinned, and keeps its peak', () => {
  const x = Float64Array.from({ length: 100_000 }, (_, i) => i);
  const y = new Float64Array(100_000);
  y[54_321] = 1;
  const svg = plot('title', 'caption', [
    { title: 'a', x: { label: 'n' }, y: { label: 'v', low: 0, high: 1 }, series: [{ name: 's', x, y }] },
  ]);
  const path = /<path d="([^"]+)"/.exec(svg)?.[1] ?? '';
  expect(path.split('L').length).toBeLessThan(2_000);
  const heights = [...path.matchAll(/[ML]\S+ (\S+?)(?=[ML]|$)/g)].map((match) => Number(match[1]));
  expect(heights.filter((height) => height === Math.min(...heights))).toHaveLength(1);
});

test('text in a figure is escaped', () => {
  expect(plot('<script>', 'a & b', [])).not.toContain('<script>');
});
