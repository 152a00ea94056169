import type { Database, Sql } from '../../platform/index.ts';
import type { TimePolicy } from '../arrivalTime.ts';
import { LedgerEntry, postLedger } from '../ledger/ledger.ts';
import type { FormatShelf } from '../mapping/shelf.ts';
import {
  DUPLICATE,
  refusal,
  type Settlement,
  STORED,
  type Stores,
  settleBlocks,
  settleReadings,
} from '../ship/settle.ts';
import { resolveHeld } from '../sparkplug/index.ts';
import { storeErrors } from '../store/errors.ts';
import type { MessageUnits } from '../units.ts';
import { unitsOf } from '../unpacked.ts';
import { getQuarantined, moveQuarantined, type QuarantinedMessage, updateQuarantined } from './quarantine.ts';
import { replayFormat } from './replayFormat.ts';

export interface ReplayResult {
  stored: number;
  duplicate: number;
  /** Units that are still quarantined, and why. */
  remaining: number;
  reason: string | null;
}

/**
 * Decodes a quarantined message again, by today's decoders and settings and by the mapping that the device's type has
 * today, and stores what can be stored now. Identity and arrival are those of its first day: nothing is stored twice.
 *
 * @throws {FaultlineError} QUARANTINE_UNKNOWN, QUARANTINE_SETTLED, QUARANTINE_TRUNCATED
 */
export async function replayQuarantined(
  deps: { db: Database; stores: Stores; policy: TimePolicy; formats: FormatShelf },
  tenantId: string,
  id: string,
): Promise<ReplayResult> {
  return deps.db.as('shipper', async (tx) => {
    const entry = await getQuarantined(tx, tenantId, id, true);
    if (!entry) throw storeErrors.QUARANTINE_UNKNOWN({ id });
    if (entry.units === 0) throw storeErrors.QUARANTINE_SETTLED({ id });
    if (entry.reasonCode === 'SPOOL_DAMAGED' || entry.payload.byteLength < entry.payloadBytes)
      throw storeErrors.QUARANTINE_TRUNCATED({ id, size: entry.payloadBytes });

    const message = await resolveHeld(tx, messageOf(tenantId, entry));
    const { format, kept, unitIndexes } = await replayFormat(tx, deps.formats, tenantId, entry);
    const decoded = unitsOf(message, deps.policy, () => format);
    const units = concerned(decoded, unitIndexes);
    const { stored, duplicate, rejections } = await settle(tx, deps.stores, units);
    const first = rejections[0] ?? null;
    const whole = first?.index === null;
    const remaining = whole ? entry.units : rejections.length;
    await updateQuarantined(tx, tenantId, id, {
      format: kept,
      units: remaining,
      rejection: first,
      unitIndexes: whole || !first ? unitIndexes : rejections.map((rejection) => rejection.index!),
    });
    // A message for a device that was not registered when it came is now that device's.
    const { deviceName } = message;
    if (deviceName !== entry.device) await moveQuarantined(tx, tenantId, id, message);
    const ledger = new LedgerEntry()
      .add(tenantId, entry.device, 'quarantined', -entry.units)
      .add(tenantId, entry.device, 'accepted', -entry.units)
      .add(tenantId, deviceName, 'quarantined', remaining)
      .add(tenantId, deviceName, 'stored', stored)
      .add(tenantId, deviceName, 'duplicate', duplicate)
      // What could not be decoded counted as one unit; now it is known how many it holds.
      .add(tenantId, deviceName, 'accepted', stored + duplicate + remaining);
    await postLedger(tx, ledger);
    return { stored, duplicate, remaining, reason: first?.reason ?? null };
  });
}

function messageOf(tenantId: string, entry: QuarantinedMessage) {
  return {
    tenantId,
    deviceId: entry.deviceId,
    deviceName: entry.device,
    kind: entry.kind,
    format: entry.format,
    vendorTopic: entry.vendorTopic,
    arrivalNs: entry.receivedNs,
    duplicate: entry.repeated,
    payload: entry.payload,
    receipt: entry.receipt,
  };
}

/** Stores what can be stored; says of how much it was new or there already, and what is left. */
async function settle(tx: Sql, { telemetry, waveforms }: Stores, units: MessageUnits) {
  const counts = { [DUPLICATE]: 0, [STORED]: 0 };
  const rejections = [...units.rejections];
  const count = (offered: readonly { index: number }[], { outcomes, reasons }: Settlement): void => {
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome === DUPLICATE || outcome === STORED) counts[outcome]++;
      else rejections.push(refusal(offered[at]!.index, reasons.get(at)!));
    }
  };
  count(units.readings, await settleReadings(tx, telemetry, units.readings));
  count(units.blocks, await settleBlocks(tx, waveforms, units.blocks));
  return { stored: counts[STORED], duplicate: counts[DUPLICATE], rejections };
}

/** Only the units that the entry is about: the message's others were stored when it came. */
function concerned(units: MessageUnits, indexes: number[] | null): MessageUnits {
  if (indexes === null) return units;
  const wanted = new Set(indexes);
  return {
    readings: units.readings.filter(({ index }) => wanted.has(index)),
    blocks: units.blocks.filter(({ index }) => wanted.has(index)),
    rejections: units.rejections.filter(({ index }) => index === null || wanted.has(index)),
  };
}
