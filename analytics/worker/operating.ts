import type { FeedItem } from '../../ingest/index.ts';
import type { Observation } from '../detectors/observation.ts';
import type { OperatingRole, PointFacts } from '../facts/machineFacts.ts';
import type { MachineState, Machines } from '../store/machineState.ts';

type Place = Pick<Observation, 'speedRpm' | 'loadPercent' | 'temperatureC' | 'mode' | 'startUpMs'>;

/**
 * Where the machine stands, for an observation of one of its points: what the block says itself, else what the machine
 * was last known to do. A point that defines the regime is not judged within a regime of its own making.
 */
export function placeOfPoint(item: FeedItem, facts: PointFacts | null, machine: MachineState | null): Place {
  const own = roleOf(item.pointKey, facts);
  const known = <K extends keyof MachineState>(role: OperatingRole, key: K): MachineState[K] | null =>
    own === role || machine === null ? null : machine[key];
  const startUp = facts?.startUpMinutes === undefined ? {} : { startUpMs: facts.startUpMinutes * 60_000 };
  const declared = { temperatureC: known('temperature', 'temperatureC'), mode: known('mode', 'mode') };
  const said = item.kind === 'waveform' ? item.loadPercent : null;
  return {
    speedRpm: known('speed', 'speedRpm'),
    loadPercent: said ?? known('load', 'loadPercent'),
    ...declared,
    ...startUp,
  };
}

/** The machine's part that a plain point is declared to tell; null for all others. */
export function roleOf(pointKey: string, facts: PointFacts | null): OperatingRole | null {
  for (const [role, key] of Object.entries(facts?.operatingPoints ?? {})) {
    if (key === pointKey) return role as OperatingRole;
  }
  return null;
}

/** Remembers what a declared point says about where its machine stands. */
export function noteOperatingPoint(
  machines: Machines,
  facts: PointFacts,
  pointKey: string,
  value: number,
  atMs: number,
): void {
  switch (roleOf(pointKey, facts)) {
    case null:
      return;
    case 'speed':
      // A tachometer at rest never reads quite 0.
      machines.note(facts.machineId, atMs, { speedRpm: value, stopped: value < 0.05 * (facts.ratedRpm ?? 20) });
      return;
    case 'load':
      machines.note(facts.machineId, atMs, { loadPercent: value });
      return;
    case 'temperature':
      machines.note(facts.machineId, atMs, { temperatureC: value });
      return;
    case 'mode':
      machines.note(facts.machineId, atMs, { mode: String(value) });
      return;
  }
}
