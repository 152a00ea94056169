import { drawFound } from '../bearings/figures.ts';
import { type HeardRecord, hearFolder } from '../bearings/records.ts';
import { type Bar, barText, scoreCase } from '../bearings/score.ts';
import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';

type End = 'drive' | 'fan' | 'unknown';

const DRIVE_BAR: Bar = { of: 60, leastRight: 41, mostWrong: 1 };
const FAN_BAR: Bar = { of: 45, leastRight: 28, mostWrong: 1 };
const HEALTHY_BAR: Bar = { of: 1, leastRight: 1, mostWrong: 0 };
/** Records that no bar was set on: silence is allowed, wrong names are not. */
const OTHER_BAR: Bar = { of: 60, leastRight: 0, mostWrong: 1 };
/** The sets that the bars were set on. */
const RATE_HZ = 12_000;

const CASES = {
  drive: { case: 'drive end, 12 kHz', reference: '39 right, 0 wrong of 60', bar: barText(DRIVE_BAR) },
  fan: { case: 'fan end, 12 kHz', reference: '–', bar: barText(FAN_BAR) },
  other: { case: 'other rates and ends', reference: '–', bar: barText(OTHER_BAR) },
  healthy: { case: 'healthy', reference: '–', bar: 'no fault named' },
} as const;

/** Case Western Reserve University's bearing rig: nothing is trained, geometry and speed come from the sidecars. */
export const suite: Suite = {
  name: 'cwru',
  folder: 'cwru',
  cases: Object.values(CASES),
  run: async (context) => runCwru(context),
};

function runCwru(context: EvaluationContext): EvaluationRow[] {
  const { records, notRun } = hearFolder('cwru', context);
  const healthy = records.filter(({ recording }) => recording.label === 'normal');
  const faulty = records.filter(({ recording }) => recording.label !== null && recording.label !== 'normal');
  const near = faulty.filter(({ recording }) => sitsOnFault(recording.channel, recording.faultedBearing));
  const isDrive = (record: HeardRecord) => is12k(record) && endOf(record) === 'drive';
  const isFan = (record: HeardRecord) => is12k(record) && endOf(record) === 'fan';
  drawFound('cwru', context, near);
  const notes = [
    ...(notRun.length > 0 ? [`${notRun.length} not run: ${notRun.slice(0, 5).join(', ')}`] : []),
    ...(faulty.length > near.length
      ? [`${faulty.length - near.length} not scored: the sensor sat at the other bearing`]
      : []),
  ];
  const others = near.filter((record) => !isDrive(record) && !isFan(record));
  const row = (known: (typeof CASES)[keyof typeof CASES], list: HeardRecord[], bar: Bar, extra: string[] = []) =>
    scoreCase({ suite: 'cwru', ...known }, list, bar, extra);
  return [
    row(CASES.drive, near.filter(isDrive), DRIVE_BAR, notes),
    row(CASES.fan, near.filter(isFan), FAN_BAR),
    row(CASES.other, others, OTHER_BAR),
    row(CASES.healthy, healthy, HEALTHY_BAR),
  ];
}

function is12k({ recording }: HeardRecord): boolean {
  return Math.abs(recording.samplingRateHz / RATE_HZ - 1) < 0.02;
}

function endOf({ recording }: HeardRecord): End {
  return endNamed(recording.faultedBearing ?? recording.channel);
}

function endNamed(name: string | null): End {
  if (/^(de|drive)/i.test(name ?? '')) return 'drive';
  return /^(fe|fan|nde)/i.test(name ?? '') ? 'fan' : 'unknown';
}

/** What a sensor hears of the other bearing's fault is no statement about its own. */
function sitsOnFault(channel: string | null, faulted: string | null): boolean {
  return channel === null || faulted === null || endNamed(channel) === endNamed(faulted);
}
