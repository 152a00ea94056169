import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createLog, systemClock } from '../platform/index.ts';
import { recordOf } from '../test/fixtures/ingestBench.ts';
import { FormatShelf } from './mapping/shelf.ts';
import { openSpool, type Spool } from './spool/index.ts';
import { Stretches } from './stretches.ts';

const TENANT = '0190f5c0-0000-7000-8000-000000000001';
const DAY_NS = 86_400_000_000_000n;
const policy = { toleratedSkewNs: 300_000_000_000n, furthestAheadNs: DAY_NS, retentionNs: 90n * DAY_NS };

let directory = '';
let spool: Spool;
let reads = 0;
afterEach(async () => {
  await spool.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A spool of so many messages of one reading each, 0 to n − 1, and what reads it. */
async function spoolOf(count: number, keepBytes = 1 << 26): Promise<Stretches> {
  directory = mkdtempSync(join(tmpdir(), 'faultline-stretches-'));
  const log = createLog('silent');
  spool = await openSpool({ directory, limitBytes: 1 << 30, clock: systemClock(), log });
  let end = 0;
  for (let n = 0; n < count; n++)
    end = spool.append(recordOf({ payload: { point: 't', value: n, seq: n, boot: 'b' } }, TENANT, systemClock()));
  await spool.flushed(end);
  reads = 0;
  const counted = new Proxy(spool, {
    get: (target, key) => {
      if (key === 'stretch') reads++;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const formats = new FormatShelf({ db: null as never, log, role: 'shipper' });
  return new Stretches({ spool: counted, policy, formats, keepBytes, stretchBytes: 1 << 18 });
}

async function valuesFrom(stretches: Stretches, start: number): Promise<number[]> {
  const values: number[] = [];
  for (let at = start; ; ) {
    const stretch = await stretches.at(at);
    if (stretch === null) return values;
    expect(stretch.from).toBe(at);
    values.push(...stretch.units.readings().map((reading) => reading.value));
    at = stretch.to;
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test('both readers get everything in order, and it is read once', async () => {
  const stretches = await spoolOf(6000);
  expect(await Promise.all([valuesFrom(stretches, 0), valuesFrom(stretches, 0)])).toEqual([upTo(6000), upTo(6000)]);
  const once = reads;
  expect(once).toBeGreaterThan(3);
  await valuesFrom(stretches, 0);
  expect(reads).toBe(once + 1); // behind the end nothing is kept: there may be more by now
  stretches.forget(spool.latestDurableOffset());
  await valuesFrom(stretches, 0);
  expect(reads).toBe(2 * once + 1);
});

test('readers that set out from different places meet again', async () => {
  const stretches = await spoolOf(6000);
  const first = (await stretches.at(0))!;
  await valuesFrom(stretches, 0);
  const before = reads;
  const { records } = await spool.stretch(0, 1 << 16);
  const values = await valuesFrom(stretches, records.offset(10));
  expect(values).toEqual(upTo(6000).slice(10));
  expect(reads).toBe(before + 2); // up to the stretch that follows the first, and behind the end
  expect((await stretches.at(records.offset(10)))!.to).toBe(first.to);
});

test('what may not be kept is read again', async () => {
  const stretches = await spoolOf(6000, 600_000);
  await valuesFrom(stretches, 0);
  const once = reads;
  expect(await valuesFrom(stretches, 0)).toEqual(upTo(6000));
  expect(reads).toBeGreaterThan(once + 1);
  expect(reads).toBeLessThan(2 * once);
});

test('a reading tells of itself what its message said', async () => {
  const stretches = await spoolOf(3);
  const { units, messages } = (await stretches.at(0))!;
  const [, second] = units.readings();
  expect(second).toMatchObject({
    ...{ tenantId: TENANT, device: 'pump-3', point: 't', value: 1, unit: null, boot: 'b', seq: 1n, index: 0 },
    ...{ receipt: `${spool.id}:${messages.offset(1)}`, arrivalTimed: true, deviceTimeNs: null, sentAtNs: null },
    ...{
      timeNs: messages.arrivalNs(1),
      arrivalNs: messages.arrivalNs(1),
      windowed: true,
      future: false,
      corrected: false,
    },
  });
  expect(second!.identity).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(units.readings().map(({ identity }) => identity)).size).toBe(3);
});
