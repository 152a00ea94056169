import { type Colour, plot } from '../plot.ts';
import type { RunCourse } from './score.ts';

const COLOURS: readonly Colour[] = ['curve', 'mark', 'limit', 'soft'];
/** Robust deviation at which a level speaks by itself. */
const SPEAKS = 8;

/** Levels and scores of all bearings of a run, with each one's first alarm. */
export function drawRun({ record, run, scores, alarms }: RunCourse): string {
  const shown = run.channels.flatMap(({ bearing }, c) =>
    run.channels.findIndex((other) => other.bearing === bearing) === c ? [c] : [],
  );
  const files = run.timesMs.map((_, i) => i + 1);
  const colourOf = (bearing: number) => COLOURS[bearing % COLOURS.length]!;
  const firsts = alarms.filter((alarm, i) => alarms.findIndex((other) => other.bearing === alarm.bearing) === i);
  const marks = firsts.map(({ at, bearing, reason }) => ({
    ...{ at: at + 1, label: `bearing ${bearing + 1}: ${reason}`, colour: colourOf(bearing) },
  }));
  const series = (of: (c: number) => ArrayLike<number>) =>
    shown.map((c) => ({
      name: `bearing ${run.channels[c]!.bearing + 1}`,
      ...{ x: files, y: of(c), colour: colourOf(run.channels[c]!.bearing) },
    }));
  const x = { label: 'file' };
  return plot(
    `${record}: bearings on one shaft until one fails`,
    'Every level judged as it comes. Marks: the first alarm of each bearing; the first of all is named, the others join it.',
    [
      {
        title: 'Level (mean absolute acceleration)',
        x,
        y: { label: 'g', low: 0 },
        series: series((c) => run.levels.map((row) => row[c]!)),
        marks,
      },
      {
        title: 'Score: deviation from the bearing’s own baseline',
        ...{ x, y: { label: 'σ (cut at ±20)', low: -10, high: 20 }, series: series((c) => scores[c]!), marks },
        limits: [{ at: SPEAKS, label: 'speaks' }],
      },
    ],
  );
}
