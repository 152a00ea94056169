import { zstdCompressSync } from 'node:zlib';
import type { Tx } from '../../platform/index.ts';
import type { OpenClaim } from '../detectors/state.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { JudgedItem } from '../worker/judgedItem.ts';
import type { RecordedObservation } from './record.ts';
import { dropOld, dropPoint, insertRows, packTail } from './store.ts';

/** So many observations are packed into one row, each with the detector's memory before the first of them. */
export const OBSERVATIONS_A_ROW = 256;
const DAY_MS = 86_400_000;

export interface HistoryOptions {
  readonly retentionDays: number;
}

interface Gathered {
  readonly point: PointMemory;
  /** The memory before the first observation, where a packed row will begin with it. */
  readonly state: string | null;
  readonly recorded: RecordedObservation[];
  openBefore: OpenClaim | null;
}

/** Gathers what a round judges and writes it in the round's transaction. */
export interface HistoryRecorder {
  /** To be told of a point before it judges. */
  before(point: PointMemory): void;
  /** To be told once the verdict has been carried out. */
  after(point: PointMemory, judged: JudgedItem): void;
  save(tx: Tx, nowMs: number): Promise<void>;
}

export function recordHistory({ retentionDays }: HistoryOptions): HistoryRecorder {
  const gathered = new Map<string, Gathered>();
  return {
    before: (point) => {
      const known = gathered.get(point.pointKey);
      if (known) {
        known.openBefore = point.detector.open;
        return;
      }
      const state = point.history.tail === 0 ? JSON.stringify(point.detector) : null;
      gathered.set(point.pointKey, { point, state, recorded: [], openBefore: point.detector.open });
    },
    after: (point, judged) => {
      // What is late changes nothing, and a buffer of old data would fill the history with it.
      if (judged.verdict.gate === 'late') return;
      const own = gathered.get(point.pointKey)!;
      own.recorded.push(recordOf(point, judged, own.openBefore));
      point.history = { tail: point.history.tail + 1, interventions: [] };
    },
    save: async (tx, nowMs) => {
      const written = [...gathered.values()].filter(({ recorded }) => recorded.length > 0);
      // A point that has become another kind of point begins anew, and so does its history.
      for (const { point, recorded } of written) if (recorded[0]!.sequence === 1) await dropPoint(tx, point.pointKey);
      await insertRows(
        tx,
        written.map(({ point, state, recorded }) => ({
          pointKey: point.pointKey,
          kind: point.kind,
          state: state === null ? null : zstdCompressSync(state),
          recorded,
        })),
      );
      const full = written.filter(({ point }) => point.history.tail >= OBSERVATIONS_A_ROW);
      for (const { point } of full) {
        await packTail(tx, point.pointKey);
        point.history = { ...point.history, tail: 0 };
      }
      if (full.length > 0) await dropOld(tx, nowMs - retentionDays * DAY_MS);
    },
  };
}

function recordOf(point: PointMemory, judged: JudgedItem, openBefore: OpenClaim | null): RecordedObservation {
  const { observation, standardSeverity, settingsVersion, verdict } = judged;
  const { open, sequence } = point.detector;
  const hasChanged =
    open?.anomalyId !== openBefore?.anomalyId ||
    open?.status !== openBefore?.status ||
    open?.level !== openBefore?.level ||
    open?.fault !== openBefore?.fault;
  const { interventions } = point.history;
  return {
    sequence,
    observation,
    severity: standardSeverity && { limitsMmS: standardSeverity.limitsMmS, assumed: standardSeverity.assumed },
    settingsVersion,
    outcome: verdict.outcome,
    act: verdict.act,
    ...(hasChanged ? { open } : {}),
    ...(interventions.length > 0 ? { interventions } : {}),
  };
}
