import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { type IngestBench, ingestBench } from '../../test/fixtures/ingestBench.ts';
import { decodeWaveform } from '../decode/index.ts';
import { openSpool, type SpoolRecord } from '../spool/index.ts';
import { messagesIn, messagesOfReceipts, origin } from './block.fixture.ts';
import { openParts } from './openParts.ts';

const BLOCKS = 6;
const KILLS = [3, 17, 30, 41, 62];
const CHILD = join(import.meta.dirname, 'partsChild.fixture.ts');
const clock = systemClock();
const log = createLog('silent');

let directory: string;
let bench: IngestBench | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-parts-'));
});
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
  rmSync(directory, { recursive: true });
});

/** Runs a process until it has acknowledged so many parts, and kills it in the middle of the next; or until it dies by itself. */
async function killAfter(acknowledgements: number, ...args: string[]): Promise<Set<string>> {
  const child = spawn(process.execPath, [CHILD, directory, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const lines = () => text.split('\n').slice(0, -1);
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (lines().length >= acknowledgements) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return new Set(lines());
}

/** Opens what the dead process left, waits until it is put together, and returns the blocks of the spool. */
async function recovered(missing: readonly Buffer[], done: (blocks: SpoolRecord[]) => boolean): Promise<SpoolRecord[]> {
  const spool = await openSpool({ directory: join(directory, 'spool'), limitBytes: 1 << 30, clock, log });
  const parts = await openParts({ directory: join(directory, 'parts'), limitBytes: 1 << 28, spool, clock, log });
  for (const message of missing) parts.area.take(origin, clock.nowNs(), message, true);
  const blocks = async () => (await spool.read(spool.firstOffset(), 1 << 28)).records;
  const deadline = performance.now() + 10_000;
  while (!(done(await blocks()) && parts.area.idle) && performance.now() < deadline) await clock.sleep(20);
  const found = await blocks();
  expect(parts.area.openSets).toBe(0);
  await parts.close();
  await spool.close();
  return found;
}

const seqOf = ({ payload }: SpoolRecord): string => {
  const decoding = decodeWaveform(payload);
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  return String(decoding.waveform.seq);
};
const rawOf = ({ payload }: SpoolRecord): Buffer => {
  const decoding = decodeWaveform(payload);
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  return Buffer.from(decoding.waveform.raw);
};

/** What the shipper and the ledger make of the records. */
async function shipped(records: readonly SpoolRecord[]) {
  bench = await ingestBench({ settings: { waveformRetentionDays: 3650 } });
  await bench.stores.start();
  for (const { payload, arrivalNs, duplicate } of records)
    await bench.accept([{ kind: 'waveform', payload, arrivalNs, duplicate }]);
  await bench.drained();
  const { accepted, stored, storedCount, duplicate, quarantined, balanced } = await bench.stores.ledger(
    bench.pg.tenantId,
  );
  return { accepted, stored, storedCount, duplicate, quarantined, balanced };
}

test('kill -9 with parts in: no acknowledged part is lost, every block is there whole, and is stored once', async () => {
  const acknowledged = new Set<string>();
  for (const kill of KILLS) for (const part of await killAfter(kill, '0', String(BLOCKS))) acknowledged.add(part);
  expect(acknowledged.size).toBeGreaterThanOrEqual(Math.max(...KILLS));
  // A device sends again what was not acknowledged, and that alone.
  const missing = Array.from({ length: BLOCKS }, (_, block) =>
    messagesIn(block).filter((_message, index) => !acknowledged.has(`${block}.${index}`)),
  ).flat();
  const all = Array.from({ length: BLOCKS }, (_, nth) => String(nth));
  const records = await recovered(missing, (blocks) => new Set(blocks.map(seqOf)).size === BLOCKS);
  expect([...new Set(records.map(seqOf))].sort()).toEqual(all);
  for (const record of records) {
    const raw = rawOf(record);
    expect(raw.equals(Buffer.alloc(raw.length, `block ${seqOf(record)} `))).toBe(true);
  }
  // The processes sent their parts anew each time, and each death may have put one block together once more.
  expect(records.length).toBeLessThanOrEqual(BLOCKS + KILLS.length);
  expect(await shipped(records)).toEqual({
    ...{ accepted: records.length, stored: BLOCKS, storedCount: BLOCKS, duplicate: records.length - BLOCKS },
    ...{ quarantined: 0, balanced: true },
  });
}, 60_000);

test.each([
  ['with a time and a sequence', 'numbered', messagesIn],
  ['with neither', 'receipts', messagesOfReceipts],
])(
  'death between the block’s fdatasync and its end mark, a block %s: two records, one stored, one duplicate',
  async (_, kind, messages) => {
    const acknowledged = await killAfter(Number.POSITIVE_INFINITY, '0', '1', kind, 'die-before-mark');
    expect(acknowledged.size).toBe(messages(0).length);
    const records = await recovered([], (blocks) => blocks.length >= 2);
    expect(records).toHaveLength(2);
    const [first, second] = records as [SpoolRecord, SpoolRecord];
    expect(Buffer.from(second.payload).equals(first.payload)).toBe(true);
    expect(second.arrivalNs).toBe(first.arrivalNs);
    expect(await shipped(records)).toEqual({
      ...{ accepted: 2, stored: 1, storedCount: 1, duplicate: 1, quarantined: 0, balanced: true },
    });
  },
);

test('death after the end mark: one record', async () => {
  await killAfter(Number.POSITIVE_INFINITY, '0', '1', 'numbered', 'die-after-mark');
  const records = await recovered([], (blocks) => blocks.length >= 1);
  expect(await shipped(records)).toMatchObject({ accepted: 1, stored: 1, storedCount: 1, duplicate: 0 });
});
