import type { FeedItem } from '../../ingest/index.ts';
import type { Tx } from '../../platform/index.ts';
import type { CarryOutDeps } from '../anomalies/carryOut.ts';
import { carrySensor } from '../anomalies/carrySensor.ts';
import { maintenanceAt, partsOfKey } from '../facts/machineFacts.ts';
import { SIGN_WORDS } from '../sensors/signs.ts';
import { type DeviceHearing, isTimeToAsk, noteHeard, silence } from '../sensors/silence.ts';
import type { Devices } from '../store/deviceMemory.ts';
import type { Machines } from '../store/machineState.ts';
import { type PointKind, type PointMemory, silentPoints } from '../store/pointMemory.ts';
import type { FactsByPoint } from './analyseBlocks.ts';

/** How sure it is that a point is dead that says nothing while its device does. */
const CONFIDENCE = 0.9;

/** The devices that units come from. */
export function devicesOf(items: readonly { readonly item: FeedItem }[]): string[] {
  return [...new Set(items.map(({ item }) => partsOfKey(item.pointKey).device))];
}

/**
 * Notes which devices were heard, and finds those of their points that have been silent for longer than they are given.
 *
 * Silence is counted in arrivals of the device's other points and not by a timer: a device that is away, an analysis that
 * lags behind, or an intake that stands still let no time pass, and what comes of it commits with the units that told it.
 */
export async function findSilent(
  tx: Tx,
  devices: Devices,
  items: readonly { readonly item: FeedItem }[],
): Promise<Map<string, PointKind>> {
  const heard = new Map<string, DeviceHearing>();
  for (const { item } of items) {
    const { device } = partsOfKey(item.pointKey);
    const { hearing } = devices.of(device);
    noteHeard(hearing, item.arrivalMs);
    heard.set(device, hearing);
  }
  const asked = new Map<string, number>();
  for (const [device, hearing] of heard) {
    if (!isTimeToAsk(hearing)) continue;
    hearing.askedMs = hearing.heardMs!;
    asked.set(device, hearing.heardMs!);
  }
  const fed = new Set(items.map(({ item }) => item.pointKey));
  const found = await silentPoints(tx, asked);
  return new Map(found.filter(({ pointKey }) => !fed.has(pointKey)).map(({ pointKey, kind }) => [pointKey, kind]));
}

/** Raises what is dead among the silent points; a standing machine or a maintenance window excuses them for now. */
export async function judgeSilent(
  deps: CarryOutDeps,
  tx: Tx,
  silent: readonly PointMemory[],
  known: { readonly devices: Devices; readonly machines: Machines; readonly facts: FactsByPoint },
): Promise<void> {
  for (const point of silent) {
    const { hearing } = known.devices.of(partsOfKey(point.pointKey).device);
    const facts = known.facts.get(point.pointKey) ?? null;
    const heardMs = hearing.heardMs ?? 0;
    const isExcused =
      maintenanceAt(facts, heardMs) !== null ||
      (facts !== null && known.machines.of(facts.machineId)?.stopped === true);
    const seen = silence(point.sensor, hearing, isExcused);
    if (!seen) continue;
    const verdict = { seen, usable: false, act: 'raise', confidence: CONFIDENCE } as const;
    await carrySensor(deps, tx, point, facts, verdict, { timeMs: point.sensor.arrivalMs!, arrivalMs: heardMs });
    if (point.verdict)
      point.verdict = {
        ...point.verdict,
        outcome: 'gated',
        gate: 'sensor',
        gateReasons: [SIGN_WORDS.dead.en, seen.detail.en],
      };
  }
}
