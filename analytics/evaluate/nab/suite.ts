import { basename } from 'node:path';
import { newScalarState, scalarStep } from '../../detectors/streams/scalarScorer.ts';
import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';
import { drawSeries } from './figure.ts';
import { type NabProfile, type NabScore, nabScore } from './nabScore.ts';
import { type NabSeries, readNab } from './readNab.ts';

/** Series that a figure was published for, by the data set's own name. Nothing is configured by it. */
const KNOWN = [
  {
    series: 'machine_temperature_system_failure',
    case: 'machine temperature',
    reference: 'ARTime 82.0, HTM 67.0',
    least: 82,
  },
  { series: 'ambient_temperature_system_failure', case: 'ambient temperature', reference: 'RCF 94.1', least: 94 },
] as const;
/** A score at or above this is an alarm, for every file. */
const ALARM_SCORE = 0.5;
const BELOW_ALARM = 0.499;
/** More pictures than this nobody looks at: then only the series with a bar are drawn. */
const MOST_FIGURES = 6;
const CORPUS_FILES = 40;

/** Numenta Anomaly Benchmark: the scalar scorer on each series, standard profile, each file scored by itself. */
export const suite: Suite = {
  name: 'nab',
  folder: 'nab',
  cases: KNOWN.map(({ case: name, reference, least }) => ({ case: name, reference, bar: `≥ ${least}` })),
  run: async (context) => runNab(context),
};

interface Answer {
  readonly scores: readonly number[];
  readonly alarms: readonly number[];
}

function runNab(context: EvaluationContext): EvaluationRow[] {
  const { series, notRun, profile } = readNab(context.directory);
  if (series.length === 0) throw new Error(`no series with windows in ${context.directory}: ${notRun.join('; ')}`);
  const scored: { series: NabSeries; score: NabScore }[] = [];
  series.forEach((one, done) => {
    context.progress(done, series.length, one.key);
    const answer = listen(one, context);
    scored.push({ series: one, score: nabScore(one.values.length, answer.alarms, one.windows, profile) });
    if (series.length <= MOST_FIGURES || knownOf(one))
      context.figure(`nab-${nameOf(one).replaceAll('_', '-')}`, drawSeries(one, answer.scores, answer.alarms));
  });
  context.progress(series.length, series.length, 'done');
  const missing = notRun.length > 0 ? `; ${notRun.length} not run: ${notRun.slice(0, 3).join(', ')}` : '';
  const rows = scored.map(({ series: one, score }) => rowOf(one, score));
  for (const known of KNOWN)
    if (!series.some((one) => knownOf(one) === known))
      rows.push({ ...rowFor(known.case, known.reference, `≥ ${known.least}`), note: `not in the data${missing}` });
  if (scored.length >= CORPUS_FILES) rows.push(corpusRow(scored, profile, missing));
  return rows.sort((a, b) => Number(a.reference === '–') - Number(b.reference === '–'));
}

/** Feeds a series to the scorer, value by value. A repeat of an alarm that is still open is no new alarm. */
function listen(series: NabSeries, context: EvaluationContext): Answer {
  const state = newScalarState();
  const scores: number[] = [];
  const alarms: number[] = [];
  series.values.forEach((value, index) => {
    const verdict = scalarStep(state, series.timesMs[index]!, value);
    const raised = verdict.kind === 'raised';
    const score = raised ? Math.max(verdict.score, ALARM_SCORE) : Math.min(verdict.score, BELOW_ALARM);
    scores.push(verdict.score);
    if (raised) alarms.push(index);
    const time = series.stamps[index]!;
    context.predict({
      suite: 'nab',
      record: series.record,
      index,
      time,
      score,
      ...(raised ? { answer: 'alarm' } : {}),
    });
  });
  return { scores, alarms };
}

function nameOf(series: NabSeries): string {
  return basename(series.key, '.csv');
}

function knownOf(series: NabSeries): (typeof KNOWN)[number] | undefined {
  return KNOWN.find((known) => known.series === nameOf(series));
}

function rowOf(series: NabSeries, score: NabScore): EvaluationRow {
  const known = knownOf(series);
  const { normalised, windows, windowsFound, falseAlarms } = score;
  const note = `${windowsFound} of ${windows} windows found, ${falseAlarms} false alarms in ${series.values.length} values`;
  if (normalised === null)
    return {
      ...rowFor(nameOf(series), '–', 'no alarm (nothing is labelled)'),
      ours: falseAlarms,
      verdict: falseAlarms === 0 ? 'met' : 'missed',
      note,
    };
  const least = known?.least ?? 0;
  return {
    ...rowFor(
      known?.case ?? nameOf(series),
      known?.reference ?? '–',
      known ? `≥ ${least}` : '> 0 (better than silence)',
    ),
    ours: normalised,
    verdict: (known ? normalised >= least : normalised > 0) ? 'met' : 'missed',
    note,
  };
}

function corpusRow(scored: readonly { score: NabScore }[], profile: NabProfile, missing: string): EvaluationRow {
  const raw = scored.reduce((sum, { score }) => sum + score.raw, 0);
  const windows = scored.reduce((sum, { score }) => sum + score.windows, 0);
  const nothing = -profile.fnWeight * windows;
  const ours = (100 * (raw - nothing)) / (profile.tpWeight * windows - nothing);
  return {
    ...rowFor(`all ${scored.length} files together`, 'ARTime 74.9, HTM 70.1, RCF 51.7', '≥ 51.7'),
    ours,
    verdict: ours >= 51.7 ? 'met' : 'missed',
    note: `${windows} windows; one configuration and one threshold${missing}`,
  };
}

function rowFor(name: string, reference: string, bar: string): EvaluationRow {
  return { suite: 'nab', case: name, reference, bar, ours: null, verdict: 'not run', note: '' };
}
