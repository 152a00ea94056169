import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../../platform/index.ts';
import { scalarObservation } from '../../detectors/scalarObservation.ts';
import { SCALAR_SETTINGS } from '../../detectors/settings.ts';
import { newWatched, watchTogether } from '../runToFailure/watch.ts';
import type { EvaluationContext, Suite } from '../suite.ts';
import { drawRun } from './figure.ts';
import { readRun } from './runs.ts';
import { CASES, type RunCourse, scoreRuns } from './score.ts';

/** The product's own settings for readings, at the worth that a machine on constant duty bears. */
const SETTINGS = { ...SCALAR_SETTINGS, riseWorth: 1 };

/** Four bearings on one shaft, run until one fails; a level per bearing every ten minutes, judged as it comes. */
export const suite: Suite = {
  name: 'ims',
  folder: 'ims',
  cases: CASES,
  run: async (context) => {
    const files = readdirSync(context.directory)
      .filter((file) => file.endsWith('.csv'))
      .sort();
    const courses: RunCourse[] = [];
    const unread: string[] = [];
    files.forEach((file, i) => {
      context.progress(i, files.length, file);
      try {
        courses.push(watchRun(file, context));
      } catch (error) {
        unread.push(`${file} (${reasonOf(error)})`);
      }
    });
    if (courses.length === 0) throw new Error(`no table could be read: ${unread.join(', ') || 'no *.csv'}`);
    for (const course of courses) context.figure(`ims-${course.record.replace(/\.csv$/, '')}`, drawRun(course));
    return scoreRuns(courses, unread);
  },
};

/** Every channel is a measuring point; the other bearings of the shaft are its neighbours. */
function watchRun(file: string, context: EvaluationContext): RunCourse {
  const run = readRun(join(context.directory, file));
  const { channels } = run;
  const points = channels.map(() => newWatched());
  const neighbours = channels.map(({ bearing }) => channels.flatMap((o, j) => (o.bearing === bearing ? [] : [j])));
  const scores = channels.map(() => new Float64Array(run.timesMs.length));
  run.timesMs.forEach((timeMs, i) => {
    const observations = channels.map((_, c) =>
      scalarObservation(run.levels[i]![c]!, {
        timeMs,
        unit: 'g',
        gate: Number.isFinite(run.levels[i]![c]!) ? null : 'quality',
      }),
    );
    const verdicts = watchTogether(points, SETTINGS, observations, i, (c) => neighbours[c]!);
    verdicts.forEach(({ scored, outcome }, c) => {
      const z = scored[0]?.z ?? Number.NaN;
      scores[c]![i] = z;
      const time = new Date(timeMs).toISOString();
      const answer = points[c]!.alarmAt === null ? outcome : 'alarm';
      const said = { suite: 'ims', record: `${file}: ${channels[c]!.name}`, index: i, time, answer };
      context.predict(Number.isFinite(z) ? { ...said, score: z } : said);
    });
  });
  const alarms = points.flatMap(({ alarmAt, reason, strength }, c) =>
    alarmAt === null ? [] : [{ at: alarmAt, reason, strength, channel: c, bearing: channels[c]!.bearing }],
  );
  // Of alarms at the same moment the louder is named first: the fault is where it is loudest.
  return { record: file, run, scores, alarms: alarms.toSorted((a, b) => a.at - b.at || b.strength - a.strength) };
}
