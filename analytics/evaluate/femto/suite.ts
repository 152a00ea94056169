import { reasonOf } from '../../../platform/index.ts';
import { WAVEFORM_SETTINGS } from '../../detectors/settings.ts';
import { newWatched, type Watched, watchTogether } from '../runToFailure/watch.ts';
import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';
import { type BearingLife, listRecords, readRecord } from './acquisitions.ts';
import { drawLife, type LifeCourse } from './figure.ts';
import { askLives, type LivesTold } from './lives.ts';

/** The product's own settings for blocks, at the worth that a machine on constant duty bears. */
const SETTINGS = { ...WAVEFORM_SETTINGS, riseWorth: 1 };
/** The bar is stated for the eleven bearings of the challenge's test set; other counts are scored as shares. */
const STATED_OF = 11;
const LEAST_ALARMS = 10;
const MOST_EARLY = 1;
const EARLY_SHARE = 0.35;
const LEAST_MEDIAN_LEAD = 0.05;

const CASES = {
  alarms: { case: 'bearings that alarm before they fail', reference: '10 of 11', bar: '≥ 10 of 11' },
  early: { case: 'alarms before 35 % of life', reference: '1 of 11', bar: '≤ 1 of 11' },
  lead: { case: 'median lead, share of life', reference: '3 %', bar: '≥ 5 %' },
  lives: { case: 'true life inside the 80 % interval', reference: '–', bar: '–' },
} as const;

/** Bearings run to failure, judged acquisition by acquisition without look-ahead. */
export const suite: Suite = {
  name: 'femto',
  folder: 'femto',
  cases: Object.values(CASES),
  run: async (context) => {
    const records = listRecords(context.directory);
    const courses: LifeCourse[] = [];
    const unread: string[] = [];
    records.forEach((record, i) => {
      context.progress(i, records.length, record);
      try {
        courses.push(watchLife(readRecord(context.directory, record), context));
      } catch (error) {
        unread.push(`${record} (${reasonOf(error)})`);
      }
    });
    if (courses.length === 0) throw new Error(`no bearing could be read: ${unread.join(', ') || 'no *_features.csv'}`);
    for (const course of courses) context.figure(`femto-${course.life.record}`, drawLife(course));
    return [...score(courses, unread), livesRow(askLives(courses, context))];
  },
};

/** Runs one bearing's directions through the detector side by side; the first to alarm speaks for the bearing. */
function watchLife(life: BearingLife, context: EvaluationContext): LifeCourse {
  const points: Watched[] = life.channels.map(() => newWatched());
  const scores = life.channels.map(() => new Float64Array(life.elapsedS.length));
  const centres: (number | null)[] = life.channels.map(() => null);
  life.elapsedS.forEach((atS, i) => {
    const observations = life.channels.map(({ acquisitions }) => ({
      ...{ timeMs: atS * 1000, gate: null, speedRpm: life.speedRpm, loadPercent: null },
      ...{ features: acquisitions[i]!, diagnosis: null, zone: null },
    }));
    // Two directions of one bearing are no neighbours: what one hears of the other is its own fault.
    const verdicts = watchTogether(points, SETTINGS, observations, i, () => []);
    verdicts.forEach(({ scored }, c) => {
      const level = scored.find(({ name }) => name === 'rms');
      scores[c]![i] = level?.z ?? Number.NaN;
      if (points[c]!.alarmAt === i) centres[c] = level?.centre ?? null;
    });
    const loudest = Math.max(...scores.map((of) => of[i]!).filter(Number.isFinite), 0);
    const answer = points.some(({ alarmAt }) => alarmAt !== null) ? 'alarm' : verdicts[0]!.outcome;
    context.predict({ suite: 'femto', record: life.record, index: i, time: String(atS), answer, score: loudest });
  });
  const first = points
    .map(({ alarmAt, reason }, c) => ({
      at: alarmAt ?? Number.POSITIVE_INFINITY,
      reason,
      channel: life.channels[c]!.name,
      centre: centres[c]!,
    }))
    .toSorted((a, b) => a.at - b.at)[0]!;
  return {
    life,
    scores,
    alarm: Number.isFinite(first.at) ? { ...first, shareOfLife: life.elapsedS[first.at]! / life.lifeS } : null,
  };
}

function score(all: readonly LifeCourse[], unread: readonly string[]): EvaluationRow[] {
  // A recording that stops before the failure owes no alarm; one it gives is still held to the time it came.
  const courses = all.filter(({ life, alarm }) => !life.isCut || alarm !== null);
  const of = courses.length;
  const alarms = courses.filter(({ alarm }) => alarm !== null);
  const early = alarms.filter(({ alarm }) => alarm!.shareOfLife < EARLY_SHARE);
  const leads = courses.map(({ alarm }) => (alarm ? 1 - alarm.shareOfLife : 0)).toSorted((a, b) => a - b);
  const lead =
    leads.length % 2 ? leads[leads.length >> 1]! : (leads[leads.length / 2 - 1]! + leads[leads.length / 2]!) / 2;
  const shares = `${of} bearings; the bar as a share, rounded to whole bearings${of < all.length ? `; ${all.length - of} recordings end before their life and raised nothing` : ''}`;
  const notes = [shares, ...(unread.length > 0 ? [`not run: ${unread.join(', ')}`] : [])].join('; ');
  const at = (list: readonly LifeCourse[]) =>
    list.map(({ life, alarm }) => `${life.record} ${percent(alarm!.shareOfLife)}`).join(', ');
  const least = Math.round((LEAST_ALARMS * of) / STATED_OF);
  const most = Math.max(1, Math.round((MOST_EARLY * of) / STATED_OF));
  return [
    row(
      CASES.alarms,
      `${alarms.length} of ${of}`,
      alarms.length >= least,
      `${notes}; least needed here ${least}; alarms at ${at(alarms)} of life`,
    ),
    row(
      CASES.early,
      `${early.length} of ${of}`,
      early.length <= most,
      `at most ${most} here${early.length ? `: ${at(early)}` : ''}`,
    ),
    row(
      CASES.lead,
      percent(lead),
      lead >= LEAST_MEDIAN_LEAD,
      'of all bearings; one without an alarm counts as no lead, an early alarm with the lead it has',
    ),
  ];
}

function row(known: (typeof CASES)[keyof typeof CASES], ours: string, met: boolean, note: string): EvaluationRow {
  return { suite: 'femto', ...known, ours, verdict: met ? 'met' : 'missed', note };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function livesRow({ told, inside, withheld }: LivesTold): EvaluationRow {
  const note = `asked five times between alarm and failure: ${told} told, ${withheld} withheld (no certain trend, too short, or past the limit); no bar`;
  const ours = told === 0 ? null : `${inside} of ${told}`;
  return { suite: 'femto', ...CASES.lives, ours, verdict: 'not run', note };
}
