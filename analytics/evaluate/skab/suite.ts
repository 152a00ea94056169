import { dirname } from 'node:path';
import { newSensorGroup, type SensorGroupVerdict, sensorGroupStep } from '../../detectors/streams/sensorGroup.ts';
import { fitSensorGroup } from '../../detectors/streams/sensorGroupModel.ts';
import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';
import { drawRecord } from './figure.ts';
import { readSkab, type SkabRecord } from './readSkab.ts';
import { type ChangeScore, changeScore, normalisedChange, outlierScore, type SampleCounts } from './skabScore.ts';

/** The leaderboard's protocol: each file by itself, its first 400 rows to fit, the rest to score. */
const FIT_ROWS = 400;
const LEAST_F1 = 0.78;
const MOST_FAR_PERCENT = 13.6;
const LEAST_CHANGE = 32.4;
const MINUTE_MS = 60_000;
const FIGURES_PER_FOLDER = 2;
const MOST_FIGURES = 6;

const OUTLIERS = {
  case: 'outliers (F1 at false-alarm rate)',
  reference: 'Conv-AE 0.78 at 13.6 %, T²+Q 0.76 at 26.6 %, isolation forest 0.29 at 2.6 %',
  bar: `F1 ≥ ${LEAST_F1} at ≤ ${MOST_FAR_PERCENT} %`,
};
const CHANGES = { case: 'change points (NAB, 60 s)', reference: 'MSCRED 32.4', bar: `≥ ${LEAST_CHANGE}` };

/** Skoltech Anomaly Benchmark: the monitor of a group of sensors, one fixed configuration for every file. */
export const suite: Suite = {
  name: 'skab',
  folder: 'skab',
  cases: [OUTLIERS, CHANGES],
  run: async (context) => runSkab(context),
};

function runSkab(context: EvaluationContext): EvaluationRow[] {
  const { records, notRun } = readSkab(context.directory);
  const counts: SampleCounts = { hits: 0, misses: 0, falseAlarms: 0, silences: 0 };
  const changes: ChangeScore[] = [];
  const blind: ChangeScore[] = [];
  const drawn: string[] = [];
  let scored = 0;
  records.forEach((record, done) => {
    context.progress(done, records.length, record.record);
    if (record.rows.length <= FIT_ROWS) {
      notRun.push(`${record.record}: only ${record.rows.length} rows`);
      return;
    }
    const verdicts = watch(record, context);
    scored += 1;
    count(record, verdicts, counts);
    const truth = record.timesMs.filter((_, i) => i >= FIT_ROWS && record.changePoint[i]!);
    const told = verdicts.flatMap((verdict, i) => (verdict.changed ? [record.timesMs[FIT_ROWS + i]!] : []));
    changes.push(changeScore(truth, told));
    blind.push(changeScore(truth, everyMinute(record)));
    const folder = dirname(record.record);
    if (drawn.length >= MOST_FIGURES || drawn.filter((at) => at === folder).length >= FIGURES_PER_FOLDER) return;
    drawn.push(folder);
    const name = record.record.replace(/\.csv$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-');
    context.figure(`skab-${name}`, drawRecord(record, FIT_ROWS, verdicts));
  });
  context.progress(records.length, records.length, 'done');
  if (scored === 0) throw new Error(`no labelled file with more than ${FIT_ROWS} rows: ${notRun.join('; ')}`);
  const missing = notRun.length > 0 ? `; not scored: ${notRun.slice(0, 3).join(', ')}` : '';
  return [outlierRow(counts, scored, missing), changeRow(changes, blind)];
}

/** Fits on the first rows and judges each later one when it comes. */
function watch(record: SkabRecord, context: EvaluationContext): SensorGroupVerdict[] {
  const baseline = record.rows.slice(0, FIT_ROWS);
  const model = fitSensorGroup(baseline);
  const state = newSensorGroup(model, baseline);
  return record.rows.slice(FIT_ROWS).map((row, i) => {
    const verdict = sensorGroupStep(state, model, row);
    const answers = [...(verdict.alarm ? ['alarm'] : []), ...(verdict.changed ? ['change'] : [])];
    context.predict({
      suite: 'skab',
      record: record.record,
      index: FIT_ROWS + i,
      time: record.stamps[FIT_ROWS + i]!,
      score: verdict.score,
      ...(answers.length > 0 ? { answer: answers.join('+') } : {}),
    });
    return verdict;
  });
}

function count(record: SkabRecord, verdicts: readonly SensorGroupVerdict[], counts: SampleCounts): void {
  verdicts.forEach(({ alarm }, i) => {
    const truth = record.anomaly[FIT_ROWS + i]!;
    if (truth) counts[alarm ? 'hits' : 'misses'] += 1;
    else counts[alarm ? 'falseAlarms' : 'silences'] += 1;
  });
}

/** The control: alarms that look at nothing. What this scores, the metric gives away. */
function everyMinute({ timesMs }: SkabRecord): number[] {
  const alarms: number[] = [];
  for (const time of timesMs.slice(FIT_ROWS))
    if (alarms.length === 0 || time - alarms.at(-1)! >= MINUTE_MS) alarms.push(time);
  return alarms;
}

function outlierRow(counts: SampleCounts, files: number, missing: string): EvaluationRow {
  const { f1, farPercent, marPercent } = outlierScore(counts);
  return {
    suite: 'skab',
    ...OUTLIERS,
    ours: `F1 ${f1.toFixed(3)} at ${farPercent.toFixed(1)} %`,
    verdict: f1 >= LEAST_F1 && farPercent <= MOST_FAR_PERCENT ? 'met' : 'missed',
    note: `${files} files, missed-alarm rate ${marPercent.toFixed(1)} %${missing}`,
  };
}

function changeRow(changes: readonly ChangeScore[], blind: readonly ChangeScore[]): EvaluationRow {
  const ours = normalisedChange(changes);
  const sum = (of: (score: ChangeScore) => number) => changes.reduce((total, score) => total + of(score), 0);
  const windows = sum((score) => score.windows);
  return {
    suite: 'skab',
    ...CHANGES,
    ours: Number.isFinite(ours) ? ours : null,
    verdict: Number.isFinite(ours) ? (ours >= LEAST_CHANGE ? 'met' : 'missed') : 'not run',
    note: `${windows - sum((score) => score.missed)} of ${windows} changes found, ${falseAlarms(changes)} false alarms; the metric forgives them: an alarm every minute that looks at nothing scores ${normalisedChange(blind).toFixed(1)} with ${falseAlarms(blind)}`,
  };
}

function falseAlarms(scores: readonly ChangeScore[]): number {
  return scores.reduce((sum, score) => sum + score.falseAlarms, 0);
}
