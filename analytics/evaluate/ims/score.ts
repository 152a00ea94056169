import type { EvaluationRow } from '../suite.ts';
import type { Run } from './runs.ts';

export interface RunAlarm {
  /** Index of the row. */
  readonly at: number;
  readonly reason: string;
  readonly strength: number;
  readonly channel: number;
  readonly bearing: number;
}

/** What became of one run; the alarms in the order in which they came. */
export interface RunCourse {
  readonly record: string;
  readonly run: Run;
  readonly scores: readonly Float64Array[];
  readonly alarms: readonly RunAlarm[];
}

type Known = Pick<EvaluationRow, 'case' | 'reference' | 'bar'>;

const RESTART: Known = {
  case: 'set 1: no alarm from the restart',
  reference: 'level up 22 % after a pause of six days',
  bar: 'none before the last third of the run',
};
const OUTER: Known = { case: 'set 2: bearing 1 first', reference: 'file 534 of 984', bar: '≤ 534, no alarm before' };
const LATE: Known = { case: 'set 3: bearing 3', reference: 'file 5968', bar: '≤ 5968, none on bearing 4 before' };
const UNKNOWN = 'first alarm per bearing';

export const CASES: readonly Known[] = [RESTART, OUTER, LATE];

/** Files are counted from one. */
const file = (alarm: RunAlarm): number => alarm.at + 1;

/**
 * Scores every run. Which of the three published runs a table is shows in its shape: two directions per bearing, or
 * one and a short, or a long run. Anything else gets its first alarms and no bar.
 */
export function scoreRuns(courses: readonly RunCourse[], unread: readonly string[]): EvaluationRow[] {
  const rows = courses.map(scoreRun);
  const absent = CASES.filter((known) => !rows.some((row) => row.case === known.case));
  const why = ['no table of this shape in the data', ...unread.map((name) => `not read: ${name}`)].join('; ');
  return [
    ...rows,
    ...absent.map((known) => ({ suite: 'ims', ...known, ours: null, verdict: 'not run' as const, note: why })),
  ];
}

function scoreRun(course: RunCourse): EvaluationRow {
  const { run, alarms } = course;
  const rows = run.timesMs.length;
  const note = `${course.record}: ${rows} files, ${run.bearings} bearings; ${firstAlarms(course)}`;
  const first = alarms[0];
  if (run.bearings === 4 && run.channels.length === 8) {
    const soon = alarms.filter(({ at }) => at < (2 / 3) * rows);
    return judged(RESTART, first ? `first alarm file ${file(first)}` : 'no alarm', soon.length === 0, note);
  }
  if (run.channels.length === 4 && rows < 2000) {
    const met = first !== undefined && first.bearing === 0 && file(first) <= 534;
    return judged(OUTER, first ? `bearing ${first.bearing + 1}, file ${file(first)}` : 'no alarm', met, note);
  }
  if (run.channels.length === 4 && rows > 4000) {
    const third = alarms.find(({ bearing }) => bearing === 2);
    const fourth = alarms.find(({ bearing }) => bearing === 3);
    const met = third !== undefined && file(third) <= 5968 && (!fourth || fourth.at >= third.at);
    return judged(LATE, third ? `file ${file(third)}` : 'no alarm', met, note);
  }
  const told = first ? `bearing ${first.bearing + 1}, file ${file(first)}` : 'no alarm';
  return {
    suite: 'ims',
    case: `${UNKNOWN}: ${course.record}`,
    ours: told,
    reference: '–',
    bar: '–',
    verdict: 'not run',
    note,
  };
}

function judged(known: Known, ours: string, met: boolean, note: string): EvaluationRow {
  return { suite: 'ims', ...known, ours, verdict: met ? 'met' : 'missed', note };
}

function firstAlarms({ run, alarms }: RunCourse): string {
  const told = Array.from({ length: run.bearings }, (_, bearing) => {
    const alarm = alarms.find((candidate) => candidate.bearing === bearing);
    return `bearing ${bearing + 1} ${alarm ? `file ${file(alarm)} (${alarm.reason})` : 'none'}`;
  });
  const named = alarms[0] ? `bearing ${alarms[0].bearing + 1} is named; ` : '';
  return `${named}first alarms: ${told.join(', ')}`;
}
