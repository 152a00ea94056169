import type { SensorGroupVerdict } from '../../detectors/streams/sensorGroup.ts';
import { type Chart, type Colour, plot } from '../plot.ts';
import type { SkabRecord } from './readSkab.ts';

const SHOWN = 3;
const SHADES: readonly Colour[] = ['curve', 'normal', 'serious'];
/** Shares of a limit are drawn on a scale of decades within these bounds. */
const DECADES = { low: -2, high: 3 };

/** Both statistics, what each sensor contributes, and the sensor that contributes most, with the labelled stretch. */
export function drawRecord(
  { record, timesMs, sensors, rows, anomaly }: SkabRecord,
  fitRows: number,
  verdicts: readonly SensorGroupVerdict[],
): string {
  const times = timesMs.slice(fitRows);
  const windows: Chart['windows'] = [
    { from: timesMs[0]!, to: timesMs[fitRows - 1]!, label: 'fitted', colour: 'soft' },
    ...stretches(anomaly).map(([from, to]) => ({
      from: timesMs[from]!,
      to: timesMs[to]!,
      label: 'labelled',
      colour: 'serious' as const,
    })),
  ];
  const x = { label: 'time', kind: 'time' as const, low: timesMs[0]!, high: timesMs.at(-1)! };
  const marks = verdicts.flatMap((verdict, i) =>
    verdict.changed ? [{ at: times[i]!, label: '', colour: 'side' as const }] : [],
  );
  const decades = (share: number) => Math.min(Math.max(Math.log10(share), DECADES.low), DECADES.high);
  const blame = sensors.map((_, s) => verdicts.reduce((sum, v) => sum + (v.alarm ? v.contributions[s]! : 0), 0));
  const blamed = [...sensors.keys()].sort((a, b) => blame[b]! - blame[a]!).slice(0, SHOWN);
  const worst = blamed[0]!;
  return plot(
    `SKAB ${record}`,
    'T² and Q as shares of their limits (decades; 0 is the limit), what the sensors contribute while there is an alarm, and the one that contributes most. Dashed: change points that were told.',
    [
      {
        title: 'T² and Q',
        x,
        y: { label: 'log₁₀ of share', ...DECADES },
        series: [
          { name: 'T²', x: times, y: verdicts.map(({ tShare }) => decades(tShare)), colour: 'curve' },
          { name: 'Q', x: times, y: verdicts.map(({ qShare }) => decades(qShare)), colour: 'side' },
        ],
        windows,
        limits: [{ at: 0, label: 'limit' }],
      },
      {
        title: 'contributions in alarm',
        x,
        y: { label: 'share', low: 0, high: 1 },
        series: blamed.map((s, i) => ({
          name: sensors[s]!,
          x: times,
          y: verdicts.map((v) => (v.alarm ? v.contributions[s]! : Number.NaN)),
          colour: SHADES[i]!,
        })),
        windows,
        heightPx: 170,
      },
      {
        title: sensors[worst]!,
        x,
        y: { label: 'value' },
        series: [{ name: sensors[worst]!, x: timesMs, y: rows.map((row) => row[worst]!) }],
        windows,
        marks,
        heightPx: 190,
      },
    ],
  );
}

/** First and last place of each run of true values. */
function stretches(flags: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  flags.forEach((flag, i) => {
    if (flag && !flags[i - 1]) found.push([i, i]);
    else if (flag) found.at(-1)![1] = i;
  });
  return found;
}
