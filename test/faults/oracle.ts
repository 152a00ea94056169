import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listSegments } from '../../ingest/spool/files.ts';
import { SpoolReader } from '../../ingest/spool/reader.ts';
import type { SpoolSecret } from '../../ingest/spool/record.ts';
import type { Api } from '../../simulators/attach/index.ts';
import { type Audit, auditJournal, type FoundSample, readJournal } from '../../simulators/load/index.ts';

/** Where promised samples may be. */
export interface Places {
  api: Api;
  /** The platform's data directory, for what only its spool holds. */
  dataDir: string;
  journalPath: string;
}

/**
 * lost = acknowledged − (store ∪ quarantine ∪ spool), values compared. A record stays in the spool for a while after it
 * was stored, so the spool is asked only for what is nowhere else, and never doubles anything.
 */
export async function judge(places: Places): Promise<Audit> {
  const { api, dataDir, journalPath } = places;
  const audit = await auditJournal(journalPath, storedAndQuarantined(places));
  if (audit.lost === 0) return audit;
  const seen = new Set<string>();
  const withSpool = async function* (): AsyncGenerator<FoundSample> {
    for await (const sample of storedAndQuarantined({ api, dataDir, journalPath })) {
      seen.add(identityOf(sample));
      yield sample;
    }
    for await (const sample of spooledSamples(join(dataDir, 'spool'))) {
      if (seen.has(identityOf(sample))) continue;
      seen.add(identityOf(sample));
      yield sample;
    }
  };
  return auditJournal(journalPath, withSpool());
}

const identityOf = ({ device, boot, seq, index }: FoundSample) => `${device} ${boot} ${seq} ${index}`;

async function* storedAndQuarantined(places: Places): AsyncGenerator<FoundSample> {
  yield* storedSamples(places.api, places.journalPath);
  yield* quarantinedSamples(places.api);
}

/** Everything that the store holds of the journal's devices, told by device time, which the load makes unique. */
export async function* storedSamples(api: Api, journalPath: string): AsyncGenerator<FoundSample> {
  const sentOf = new Map<string, Map<string, { boot: string; seq: number }>>();
  let samplesPerMessage = 0;
  for await (const { device, boot, seq, timeNs, values } of readJournal(journalPath)) {
    samplesPerMessage = Math.max(samplesPerMessage, values.length);
    let byTime = sentOf.get(device);
    if (!byTime) {
      byTime = new Map();
      sentOf.set(device, byTime);
    }
    byTime.set(timeNs, { boot, seq });
  }
  for (const [device, byTime] of sentOf) {
    for (let index = 0; index < samplesPerMessage; index++) {
      const query = new URLSearchParams({
        series: `${device}/load-${index}`,
        from: '0',
        to: String(2n ** 62n),
        limit: '10000',
      });
      for (const { time, value } of await api.list<{ time: string; value: number }>(
        `/api/v1/telemetry/range?${query}`,
      )) {
        const sent = byTime.get(time) ?? { boot: 'never acknowledged', seq: Number(BigInt(time) % 1_000_000_000n) };
        yield { device, ...sent, index, value };
      }
    }
  }
}

/** What lies in quarantine of the load's messages. */
export async function* quarantinedSamples(api: Api): AsyncGenerator<FoundSample> {
  type Entry = { id: string; device: string; unitIndexes: number[] | null };
  for (const { id, device, unitIndexes } of await api.list<Entry>('/api/v1/quarantine?limit=200')) {
    const { payloadBase64 } = await api.get<{ payloadBase64: string }>(`/api/v1/quarantine/${id}`);
    for (const sample of samplesOf(device, Buffer.from(payloadBase64, 'base64'))) {
      if (unitIndexes === null || unitIndexes.includes(sample.index)) yield sample;
    }
  }
}

/** Every sound record of a spool that the load wrote, read from the disk beside whoever has it open. */
export async function* spooledSamples(directory: string): AsyncGenerator<FoundSample> {
  const secret = JSON.parse(await readFile(join(directory, 'spool.json'), 'utf8')) as SpoolSecret;
  const segments = await listSegments(directory);
  const reader = new SpoolReader(segments, secret);
  try {
    for (let offset = segments[0]?.base ?? 0; ; ) {
      const { records, nextOffset } = await reader.read(offset, 1 << 20);
      for (let at = 0; at < records.length; at++) yield* samplesOf(records.origin(at).deviceName, records.payload(at));
      if (nextOffset === offset) return;
      offset = nextOffset;
    }
  } finally {
    await reader.close();
  }
}

/** The samples of one of the load's messages; none of any other message. */
function* samplesOf(device: string, payload: Uint8Array): Generator<FoundSample> {
  let message: { boot?: string; seq?: number; samples?: { value: number }[] };
  try {
    message = JSON.parse(Buffer.from(payload).toString());
  } catch {
    return;
  }
  const { boot, seq, samples } = message;
  if (boot === undefined || seq === undefined || !Array.isArray(samples)) return;
  for (const [index, { value }] of samples.entries()) yield { device, boot, seq, index, value };
}

/** The ledger's equation, and its count set beside the stores' own. */
export function assertBalanced(ledger: { balanced: boolean; stored: number; storedCount: number | null }): void {
  const { balanced, stored, storedCount } = ledger;
  assert.ok(balanced && storedCount === stored, `the ledger does not balance: ${JSON.stringify(ledger)}`);
}
