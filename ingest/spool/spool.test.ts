import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { type NewRecord, openSpool, SPOOL_FULL, type Spool, type SpoolOptions, type SpoolRecord } from './index.ts';

const tenantId = '0190f5c0-0000-7000-8000-000000000001';
const deviceId = '0190f5c0-0000-7000-8000-0000000000d1';

function record(text: string, more: Partial<NewRecord> = {}): NewRecord {
  return {
    tenantId,
    deviceId,
    deviceName: 'pump-3',
    kind: 'telemetry',
    format: 'json',
    vendorTopic: null,
    arrivalNs: 1_700_000_000_123_456_789n,
    units: 1,
    duplicate: false,
    payload: Buffer.from(text),
    ...more,
  };
}

let directory: string;
const opened: Spool[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faultline-spool-'));
});
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close();
  await rm(directory, { recursive: true });
});

async function opens(more: Partial<SpoolOptions> = {}): Promise<Spool> {
  const log = createLog('silent');
  const spool = await openSpool({ directory, limitBytes: 1 << 30, clock: systemClock(), log, ...more });
  opened.push(spool);
  return spool;
}

async function everything(spool: Spool, maxBytes = 1 << 20) {
  const records: SpoolRecord[] = [];
  const damaged = [];
  for (let offset = spool.firstOffset(); ; ) {
    const batch = await spool.read(offset, maxBytes);
    records.push(...batch.records);
    damaged.push(...batch.damaged);
    if (batch.nextOffset === offset) return { records, damaged };
    offset = batch.nextOffset;
  }
}

const texts = (records: SpoolRecord[]): string[] => records.map((each) => Buffer.from(each.payload).toString());

async function appendAll(spool: Spool, payloads: string[]): Promise<number[]> {
  const ends = payloads.map((text) => spool.append(record(text)));
  await spool.flushed(ends.at(-1)!);
  return ends;
}

async function onlySegment(): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.seg'));
  expect(names).toHaveLength(1);
  return join(directory, names[0]!);
}

async function flipBit(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte[0]! ^= 0x10;
  await file.write(byte, 0, 1, position);
  await file.close();
}

describe('append and read', () => {
  test('a record comes back as it was, with its place', async () => {
    const spool = await opens();
    const given = record('payload', { kind: 'waveform', units: 7, duplicate: true, deviceName: '泵-3' });
    const end = spool.append(given);
    await spool.flushed(end);
    const { records } = await spool.read(0, 1 << 20);
    expect(records).toEqual([{ ...given, offset: 0, endOffset: end }]);
    expect(spool.latestDurableOffset()).toBe(end);
  });

  test('nothing is readable or called durable before its group is committed', async () => {
    const spool = await opens();
    const end = spool.append(record('a'));
    expect(spool.latestDurableOffset()).toBe(0);
    expect((await spool.read(0, 1 << 20)).records.length).toBeLessThanOrEqual(1);
    await spool.flushed(end);
    expect(texts((await spool.read(0, 1 << 20)).records)).toEqual(['a']);
  });

  test('what arrives while a group is written forms the next group', async () => {
    const spool = await opens();
    for (let index = 0; index < 1000; index++) spool.append(record(`${index}`));
    await new Promise((resolve) => setImmediate(resolve));
    let end = 0;
    for (let index = 1000; index < 2000; index++) end = spool.append(record(`${index}`));
    await spool.flushed(end);
    expect(spool.statistics().groupsCommitted).toBe(2);
    expect(texts((await everything(spool, 1000)).records)).toEqual(Array.from({ length: 2000 }, (_, i) => `${i}`));
  });

  test('a record larger than the read is read whole', async () => {
    const spool = await opens();
    await appendAll(spool, ['x'.repeat(300_000), 'y']);
    expect(texts((await everything(spool, 10)).records).map((text) => text.length)).toEqual([300_000, 1]);
  });

  test('the group buffer is bounded: append refuses and says when there is room', async () => {
    const spool = await opens({ groupBytes: 4096 });
    let end = 0;
    for (let next = 0; next !== SPOOL_FULL; next = spool.append(record('z'.repeat(1000)))) end = Math.max(end, next);
    const space = new Promise<void>((resolve) => spool.onSpace(resolve));
    await space;
    expect(spool.append(record('after'))).toBeGreaterThan(end);
  });
});

describe('recovery', () => {
  test('a reopened spool goes on under the same identity and offsets', async () => {
    const first = await opens();
    const ends = await appendAll(first, ['a', 'b']);
    await first.close();
    const second = await opens();
    expect(second.id).toBe(first.id);
    expect(second.latestDurableOffset()).toBe(ends[1]);
    await appendAll(second, ['c']);
    expect(texts((await everything(second)).records)).toEqual(['a', 'b', 'c']);
  });

  test.each(Array.from({ length: 64 }, (_, index) => index + 1))(
    'a tail cut by %i bytes costs the last record only',
    async (cut) => {
      const spool = await opens();
      const ends = await appendAll(spool, ['first', 'second', 'third']);
      await spool.close();
      const path = await onlySegment();
      await truncate(path, (await stat(path)).size - cut);
      const again = await opens();
      expect(texts((await everything(again)).records)).toEqual(['first', 'second']);
      expect(again.statistics().tornBytes).toBe(ends[2]! - ends[1]! - cut);
      await appendAll(again, ['fourth']);
      expect(texts((await everything(again)).records)).toEqual(['first', 'second', 'fourth']);
    },
  );

  test('a flipped bit anywhere in a record costs that record only, and is reported', async () => {
    const spool = await opens();
    const ends = await appendAll(spool, ['first', 'second', 'third']);
    const path = await onlySegment();
    for (let position = ends[0]!; position < ends[1]!; position++) {
      await flipBit(path, position);
      const { records, damaged } = await everything(spool);
      expect(texts(records)).toEqual(['first', 'third']);
      expect(damaged).toMatchObject([{ offset: ends[0], endOffset: ends[1] }]);
      await flipBit(path, position);
    }
    expect(spool.statistics()).toMatchObject({ damagedRanges: 1, damagedBytes: ends[1]! - ends[0]! });
  });

  test('a damaged payload still tells whose it was and how many units', async () => {
    const spool = await opens();
    const ends = [spool.append(record('first')), spool.append(record('second', { units: 12 }))];
    await spool.flushed(ends[1]!);
    await spool.close();
    await flipBit(await onlySegment(), ends[1]! - 1);
    const { damaged } = await everything(await opens());
    expect(damaged).toMatchObject([{ reason: 'payload-checksum', header: { deviceId, units: 12 } }]);
  });

  test('a record forged inside a payload is not believed when its surroundings are damaged', async () => {
    const spool = await opens();
    const first = spool.append(record('first'));
    await spool.flushed(first);
    const file = await open(await onlySegment(), 'r');
    const stolen = Buffer.alloc(first);
    await file.read(stolen, 0, first, 0);
    await file.close();
    const second = spool.append(record('', { payload: stolen }));
    const third = spool.append(record('third'));
    await spool.flushed(third);
    await flipBit(await onlySegment(), first + 1);
    const { records, damaged } = await everything(spool);
    expect(texts(records)).toEqual(['first', 'third']);
    expect(damaged).toMatchObject([{ offset: first, endOffset: second }]);
  });

  test('a missing segment is reported as a range and reading goes on behind it', async () => {
    const spool = await opens({ segmentBytes: 1 });
    const ends: number[] = [];
    for (const text of ['a', 'b', 'c']) ends.push(...(await appendAll(spool, [text])));
    await spool.close();
    const names = (await readdir(directory)).filter((name) => name.endsWith('.seg')).sort();
    expect(names).toHaveLength(3);
    await rm(join(directory, names[1]!));
    const { records, damaged } = await everything(await opens({ segmentBytes: 1 }));
    expect(texts(records)).toEqual(['a', 'c']);
    expect(damaged).toEqual([{ offset: ends[0], endOffset: ends[1], header: null, reason: 'missing-segment' }]);
  });
});

describe('space', () => {
  test('at the size limit append refuses until the cursors have passed', async () => {
    const spool = await opens({ limitBytes: 10_000, segmentBytes: 2_000 });
    const accepted: number[] = [];
    for (;;) {
      const end = spool.append(record('w'.repeat(900)));
      if (end === SPOOL_FULL) break;
      accepted.push(end);
      await spool.flushed(end);
    }
    expect(accepted).toHaveLength(10);
    expect(spool.statistics()).toMatchObject({ state: 'full', fullReason: 'size limit' });
    const space = new Promise<void>((resolve) => spool.onSpace(resolve));
    await spool.trim(accepted[4]!);
    await space;
    expect(spool.state()).toBe('open');
    expect(spool.append(record('v'))).toBeGreaterThan(0);
  });

  test('a full spool whose every record is taken gives all its space back, the active segment too', async () => {
    const spool = await opens({ limitBytes: 5_000, segmentBytes: 100_000 });
    let end = 0;
    for (let next = 0; next !== SPOOL_FULL; next = spool.append(record('u'.repeat(900)))) end = Math.max(end, next);
    await spool.flushed(end);
    await spool.trim(end);
    expect(spool.statistics()).toMatchObject({ state: 'open', diskBytes: 0, firstOffset: end });
    await appendAll(spool, ['t']);
    expect(texts((await everything(spool)).records)).toEqual(['t']);
  });
});

describe('lock', () => {
  test('a second opener of the same directory is refused and told who has it', async () => {
    await opens();
    await expect(opens()).rejects.toMatchObject({ code: 'DB_DIRECTORY_IN_USE' });
  });
});
