import { WAVEFORM_SETTINGS } from '../../detectors/settings.ts';
import { type Colour, plot } from '../plot.ts';
import type { BearingLife } from './acquisitions.ts';

/** What became of one bearing. */
export interface LifeCourse {
  readonly life: BearingLife;
  /** Per channel: deviation of the level from its baseline, in robust standard deviations; NaN while learning. */
  readonly scores: readonly Float64Array[];
  /** The first alarm of any channel: index of the acquisition, and where in the life it lies. */
  readonly alarm: {
    readonly at: number;
    readonly reason: string;
    readonly channel: string;
    readonly shareOfLife: number;
    /** Centre of the level's baseline then; null while it had none. */
    readonly centre: number | null;
  } | null;
}

const COLOURS: readonly Colour[] = ['curve', 'soft'];

/** Level and score of a bearing over its life, with the alarm and the end marked. */
export function drawLife({ life, scores, alarm }: LifeCourse): string {
  const hours = life.elapsedS.map((s) => s / 3600);
  const marks = [
    ...(alarm ? [{ at: hours[alarm.at]!, label: `alarm: ${alarm.reason} (${alarm.channel})` }] : []),
    { at: life.lifeS / 3600, label: 'failure' },
  ];
  const early = { from: 0, to: (0.35 * life.lifeS) / 3600, label: 'first 35 % of life' };
  const levels = life.channels.map(({ name, acquisitions }, c) => ({
    ...{ name, x: hours, colour: COLOURS[c % 2]! },
    y: acquisitions.map((features) => features.find((f) => f.name === 'rms')?.value ?? Number.NaN),
  }));
  const x = { label: 'hours', low: 0, high: life.lifeS / 3600 };
  return plot(`${life.record}: a bearing run to failure`, caption({ life, scores, alarm }), [
    { title: 'Level, RMS of each acquisition', x, y: { label: 'g', low: 0 }, series: levels, marks, windows: [early] },
    {
      title: 'Score: deviation of the level from the point’s own baseline',
      x,
      y: { label: 'σ (cut at ±40)', low: -15, high: 40 },
      series: scores.map((y, c) => ({ name: life.channels[c]!.name, x: hours, y, colour: COLOURS[c % 2]! })),
      limits: [{ at: WAVEFORM_SETTINGS.deviationZ, label: 'speaks' }],
      marks,
      windows: [early],
    },
  ]);
}

function caption({ alarm }: LifeCourse): string {
  if (!alarm) return 'Judged acquisition by acquisition without look-ahead. No alarm was raised.';
  const share = (100 * alarm.shareOfLife).toFixed(1);
  return `Judged acquisition by acquisition without look-ahead. The alarm came at ${share} % of life; from there on the baseline is frozen.`;
}
