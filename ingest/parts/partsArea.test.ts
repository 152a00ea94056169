import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog, type ManualClock, manualClock } from '../../platform/index.ts';
import { decodeWaveform } from '../decode/index.ts';
import { openSpool, SPOOL_FULL, type Spool, type SpoolRecord } from '../spool/index.ts';
import { blockInParts, origin, randomBlock } from './block.fixture.ts';
import { type OpenParts, openParts } from './openParts.ts';
import type { PartsLimits } from './partsArea.ts';

let directory: string;
let clock: ManualClock;
let spool: Spool;
let parts: OpenParts;
const log = createLog('silent');

const open = async (limits: Partial<PartsLimits> = {}, limitBytes = 1 << 26) => {
  spool = await openSpool({ directory: join(directory, 'spool'), limitBytes: 1 << 28, clock, log });
  parts = await openParts({ directory: join(directory, 'parts'), limitBytes, limits, spool, clock, log });
};
const close = async () => {
  await parts.close();
  await spool.close();
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-parts-'));
  clock = manualClock();
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

async function take(messages: readonly Buffer[], repeated = false): Promise<void> {
  for (const message of messages) {
    const end = parts.area.take(origin, clock.nowNs(), message, repeated);
    if (end === null || end < 0) throw new Error(`not taken: ${end}`);
    await parts.area.spool.flushed(end);
  }
}

async function records(count: number): Promise<SpoolRecord[]> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const batch = await spool.read(spool.firstOffset(), 1 << 28);
    if (batch.records.length >= count && parts.area.idle) return batch.records;
    if (performance.now() > deadline) throw new Error(`${batch.records.length} records of ${count} in 10 s`);
    await clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const decoded = (record: SpoolRecord) => decodeWaveform(record.payload);

test('parts in any order, each of them any number of times, give one block, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(8), { maxLength: 12 }),
      fc.nat(),
      async (count, more, seed) => {
        const before = (await records(0)).length;
        const block = randomBlock({ boot: crypto.randomUUID() }, count, 2 * (1 + (seed % 500)));
        const order = [...block.messages.keys()].sort((a, b) => ((a * 7 + seed) % 11) - ((b * 7 + seed) % 11));
        const sent = [...more.map((at) => at % count), ...order, ...more.map((at) => at % count)];
        await take(sent.map((at) => block.messages[at]!));
        const all = await records(before + 1);
        expect(all).toHaveLength(before + 1);
        const decoding = decoded(all.at(-1)!);
        if (!decoding.ok) throw new Error(decoding.failure.reason);
        expect(Buffer.from(decoding.waveform.raw).equals(block.samples)).toBe(true);
        expect(all.at(-1)!.units).toBe(1);
      },
    ),
    { numRuns: 30 },
  );
});

test('a restart takes up what was there, and a repetition after the end is nothing new', async () => {
  const block = randomBlock({}, 5);
  await take(block.messages.slice(0, 3));
  await close();
  await open();
  expect(parts.area.openSets).toBe(1);
  await take(block.messages.slice(3));
  expect(await records(1)).toHaveLength(1);
  await close();
  await open();
  await take([block.messages[4]!], true);
  await take(block.messages);
  expect(parts.area.openSets).toBe(0);
  expect(await records(1)).toHaveLength(1);
});

test('equal blocks without a time or number of their own are blocks of their own', async () => {
  const { messages } = blockInParts({}, Buffer.alloc(1024), 2);
  await take(messages);
  await records(1);
  await take(messages);
  const all = await records(2);
  const from = all.map((record) => {
    const decoding = decoded(record);
    return decoding.ok ? decoding.waveform.assembledFrom : null;
  });
  expect(new Set(from).size).toBe(2);
});

test('a part that was damaged on its way costs the block, with the reason; sent again, it is whole', async () => {
  const { messages, samples } = randomBlock();
  const damaged = Buffer.from(messages[2]!);
  damaged[damaged.length - 1]! ^= 1;
  await take([messages[0]!, messages[1]!, damaged, messages[3]!]);
  expect(decoded((await records(1))[0]!)).toMatchObject({ failure: { code: 'WAVEFORM_HASH' } });
  await take(messages);
  const decoding = decoded((await records(2))[1]!);
  expect(decoding.ok && Buffer.from(decoding.waveform.raw).equals(samples)).toBe(true);
});

test('what never comes is named once its time is over; a part in time puts that off', async () => {
  const { messages } = randomBlock({}, 12);
  await take(messages.filter((_, index) => index !== 2 && index !== 6));
  await clock.advance(500_000);
  await take([messages[2]!]);
  await clock.advance(500_000);
  expect(await records(0)).toHaveLength(0);
  await clock.advance(101_000);
  const [record] = await records(1);
  expect(decoded(record!)).toMatchObject({
    failure: { code: 'WAVEFORM_INCOMPLETE', reason: expect.stringContaining('parts 7 of 12 never came') },
  });
  expect(parts.area.openSets).toBe(0);
});

test('one device’s unfinished blocks are bounded: the oldest gives way', async () => {
  await close();
  await open({ openPerDevice: 2 });
  const blocks = [1, 2, 3].map((seq) => randomBlock({ seq }));
  for (const block of blocks) await take(block.messages.slice(0, 1));
  expect(decoded((await records(1))[0]!)).toMatchObject({ failure: { code: 'WAVEFORM_INCOMPLETE' } });
  await take(blocks[2]!.messages.slice(1));
  expect(decoded((await records(2))[1]!)).toMatchObject({ ok: true });
});

test('a full area takes nothing more until a block is finished', async () => {
  await close();
  await open({}, 64 * 1024);
  const small = randomBlock({ seq: 1 }, 2, 20_000);
  const large = randomBlock({ seq: 2 }, 2, 120_000);
  await take([small.messages[0]!]);
  expect(parts.area.take(origin, clock.nowNs(), large.messages[0]!, false)).toBe(SPOOL_FULL);
  let space = false;
  parts.area.spool.onSpace(() => {
    space = true;
  });
  await take([small.messages[1]!]);
  await records(1);
  expect(space).toBe(true);
  expect(parts.area.spool.state()).toBe('open');
});

test('a block that is larger than permitted, or than it says, goes the way of other messages', async () => {
  await close();
  await open({ maxBlockBytes: 1000 });
  const { messages } = randomBlock({}, 2, 4096);
  expect(parts.area.take(origin, clock.nowNs(), messages[0]!, false)).toBeNull();
  expect(decodeWaveform(messages[0]!)).toMatchObject({ failure: { code: 'WAVEFORM_PART' } });
  expect(parts.area.take(origin, clock.nowNs(), Buffer.from('FLW1'), false)).toBeNull();
});
