import { type Chart, plot } from '../plot.ts';
import { probationaryRows } from './nabScore.ts';
import type { NabSeries } from './readNab.ts';

/** The series with its labelled windows and our alarms, and the score beneath it. */
export function drawSeries(series: NabSeries, scores: readonly number[], alarms: readonly number[]): string {
  const { timesMs, values } = series;
  const at = (row: number) => timesMs[Math.min(row, timesMs.length - 1)]!;
  const windows: Chart['windows'] = [
    { from: at(0), to: at(Math.floor(probationaryRows(values.length))), label: 'not scored', colour: 'soft' },
    ...series.windows.map(({ from, to }) => ({
      from: at(from),
      to: at(to),
      label: 'labelled',
      colour: 'serious' as const,
    })),
  ];
  const marks = alarms.map((row) => ({ at: at(row), label: '', colour: 'side' as const }));
  const x = { label: 'time', kind: 'time' as const };
  return plot(
    series.key,
    'Shaded: the windows that the benchmark labels. Vertical lines: where the scorer raised an alarm, knowing only what came before.',
    [
      { title: 'value', x, y: { label: 'value' }, series: [{ name: 'value', x: timesMs, y: values }], windows, marks },
      {
        title: 'score',
        x,
        y: { label: 'score', low: 0, high: 1 },
        series: [{ name: 'score', x: timesMs, y: scores, colour: 'side' }],
        windows,
        limits: [{ at: 0.5, label: 'alarm' }],
        heightPx: 170,
      },
    ],
  );
}
