import type { FeedReading } from '../../ingest/index.ts';
import { observe } from '../detectors/observe.ts';
import { scalarObservation } from '../detectors/scalarObservation.ts';
import { maintenanceAt, type PointFacts } from '../facts/machineFacts.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { PointSettings } from '../thresholds/settingsFor.ts';
import type { JudgedItem } from './judgedItem.ts';

/** The time a unit is judged under; one that claims to come from the future counts as of its arrival. */
export function judgedTimeMs(item: { timeNs: bigint; arrivalMs: number; future: boolean }): number {
  return item.future ? item.arrivalMs : Number(item.timeNs) / 1e6;
}

/** Judges one plain reading by its point's memory, which is changed in place. */
export function judgeReading(
  point: PointMemory,
  item: FeedReading,
  facts: PointFacts | null,
  settings: PointSettings,
  machineStopped: boolean,
): JudgedItem {
  const timeMs = judgedTimeMs(item);
  const window = maintenanceAt(facts, timeMs);
  const observation = scalarObservation(item.value, {
    timeMs,
    unit: item.unit ?? '',
    inMaintenance: window !== null,
    machineStopped,
  });
  const verdict = observe(point.detector, settings.detector, observation);
  return {
    timeMs,
    arrivalMs: item.arrivalMs,
    loadPercent: null,
    observation,
    verdict,
    settingsVersion: settings.version,
    analysis: null,
    standardSeverity: null,
    diagnosis: null,
    gateReasons: window ? [window.note ?? 'maintenance window'] : [],
  };
}
