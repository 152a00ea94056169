import type { EvaluationRow, Verdict } from '../suite.ts';
import type { HeardRecord } from './records.ts';

/** A bar as counts of a whole set; of a part of the set the same shares are asked. */
export interface Bar {
  readonly of: number;
  readonly leastRight: number;
  readonly mostWrong: number;
}

/** How a bar reads in the table. */
export function barText({ of, leastRight, mostWrong }: Bar): string {
  return leastRight === 0 ? `≤ ${mostWrong} wrong of ${of}` : `≥ ${leastRight} right, ≤ ${mostWrong} wrong of ${of}`;
}

/** Scores the records of a case: right, wrong or silent. A healthy record is right when nothing is named. */
export function scoreCase(
  known: Pick<EvaluationRow, 'suite' | 'case' | 'reference' | 'bar'>,
  records: readonly HeardRecord[],
  bar: Bar,
  notes: readonly string[] = [],
): EvaluationRow {
  if (records.length === 0) {
    return { ...known, ours: null, verdict: 'not run', note: ['no such record in the data', ...notes].join('; ') };
  }
  const right = records.filter(isRight);
  const wrong = records.filter((record) => !isRight(record) && record.heard.diagnosis.fault !== null);
  const silent = records.filter((record) => !isRight(record) && record.heard.diagnosis.fault === null);
  const isMet =
    right.length * bar.of >= bar.leastRight * records.length && wrong.length * bar.of <= bar.mostWrong * records.length;
  const verdict: Verdict = isMet ? 'met' : 'missed';
  const scaled = records.length === bar.of ? [] : [`the bar as shares: ${shares(bar)} of ${records.length}`];
  const named = right.length + wrong.length;
  const accuracy = named === 0 ? [] : [`${((100 * right.length) / named).toFixed(1)} % of the named are right`];
  return {
    ...known,
    ours: `${right.length} right, ${wrong.length} wrong, ${silent.length} cannot tell of ${records.length}`,
    verdict,
    note: [...accuracy, ...missing('wrong', wrong), ...missing('cannot tell', silent), ...scaled, ...notes].join('; '),
  };
}

function isRight({ recording, heard }: HeardRecord): boolean {
  return heard.diagnosis.fault === (recording.label === 'normal' ? null : recording.label);
}

function shares({ of, leastRight, mostWrong }: Bar): string {
  const percent = (count: number) => `${((100 * count) / of).toFixed(1)} %`;
  return `≥ ${percent(leastRight)} right, ≤ ${percent(mostWrong)} wrong`;
}

/** Wrong ones one by one, silent ones as counts by what they are. */
function missing(what: string, records: readonly HeardRecord[]): string[] {
  if (records.length === 0) return [];
  if (what === 'wrong') {
    return [
      `wrong: ${records.map(({ name, recording, heard }) => `${name} (${recording.label}) as ${heard.diagnosis.fault}`).join(', ')}`,
    ];
  }
  const counts = Object.entries(Object.groupBy(records, ({ recording }) => recording.label ?? 'unlabelled'));
  return [`${what}: ${counts.map(([label, list]) => `${list?.length} ${label}`).join(', ')}`];
}
