import { WAVEFORM_SETTINGS } from '../../detectors/settings.ts';
import { extend, newPath, remainingLife } from '../../prognosis/index.ts';
import type { EvaluationContext } from '../suite.ts';
import type { LifeCourse } from './figure.ts';

/** What was foretold of bearings after their alarms, and how often the truth lay inside. */
export interface LivesTold {
  readonly told: number;
  readonly inside: number;
  readonly withheld: number;
}

/** Shares of the time between alarm and failure at which remaining life is asked for. */
const ASKED_AT = [0.1, 0.3, 0.5, 0.7, 0.9] as const;
const HOUR_S = 3600;

/**
 * Asks for the remaining life five times between a bearing's alarm and its failure, with what was measured until then.
 * Failed is, as for a live point outside the severity standard, a level that the detector calls serious.
 */
export function askLives(courses: readonly LifeCourse[], context: EvaluationContext): LivesTold {
  const sum = { told: 0, inside: 0, withheld: 0 };
  for (const { life, alarm } of courses) {
    if (!alarm || life.isCut) continue;
    const levels = life.channels.find(({ name }) => name === alarm.channel)!.acquisitions;
    const path = newPath();
    const asked = ASKED_AT.map((share) => alarm.at + Math.floor(share * (levels.length - alarm.at)));
    for (let i = alarm.at; i < levels.length; i++) {
      const level = levels[i]!.find(({ name }) => name === 'rms')?.value;
      if (level !== undefined) extend(path, life.elapsedS[i]! * 1000, level);
      for (const _ of asked.filter((at) => at === i)) {
        const limit = alarm.centre === null ? null : alarm.centre * WAVEFORM_SETTINGS.seriousLevelRatio;
        const answer = remainingLife(path, limit);
        const record = `${life.record}: remaining life`;
        if (answer.kind === 'withheld') {
          sum.withheld += 1;
          context.predict({ suite: 'femto', record, index: i, answer: `withheld: ${answer.reason}` });
          continue;
        }
        const left = (life.lifeS - life.elapsedS[i]!) / HOUR_S;
        sum.told += 1;
        if (answer.lowHours <= left && (answer.highHours === null || left <= answer.highHours)) sum.inside += 1;
        const interval = `${answer.lowHours.toPrecision(3)}–${answer.highHours?.toPrecision(3) ?? '…'} h`;
        context.predict({ suite: 'femto', record, index: i, answer: interval, score: answer.medianHours });
      }
    }
  }
  return sum;
}
