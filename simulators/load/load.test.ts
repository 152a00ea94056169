import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBroker } from '../mqtt/broker.fixture.ts';
import { type Acknowledged, auditJournal, type FoundSample, PubackJournal, readJournal, startLoad } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (seq: number, values: number[]): Acknowledged => ({
  device: 'a',
  boot: 'b',
  seq,
  timeNs: '1790000000123456789',
  values,
});
const found = (seq: number, index: number, value: number): FoundSample => ({
  device: 'a',
  boot: 'b',
  seq,
  index,
  value,
});

describe('the journal', () => {
  it('gives back what was taken down, exactly, and ignores a line that a kill cut off', async () => {
    const path = join(folder, 'journal');
    const journal = new PubackJournal(path);
    const entries = [entry(0, [0.1 + 0.2, -0, 1e-300]), entry(1, [Number.MAX_SAFE_INTEGER])];
    for (const one of entries) journal.append(one);
    journal.close();
    appendFileSync(path, 'a\tb\t2\t17900');
    const read = [];
    for await (const one of readJournal(path)) read.push(one);
    expect(read).toEqual(entries.map((one) => ({ ...one, values: one.values.map((value) => value + 0) })));
  });
});

describe('the audit', () => {
  it('tells lost, altered and repeated samples apart', async () => {
    const path = join(folder, 'journal');
    const journal = new PubackJournal(path);
    journal.append(entry(0, [1, 2]));
    journal.append(entry(1, [3]));
    journal.close();
    const whole = [found(0, 0, 1), found(0, 1, 2), found(1, 0, 3)];
    expect(await auditJournal(path, whole)).toMatchObject({
      acknowledged: 3,
      lost: 0,
      altered: 0,
      repeated: 0,
      unacknowledged: 0,
    });
    const spoilt = [found(0, 0, 1), found(0, 0, 1), found(0, 1, 2.5), found(7, 0, 9)];
    expect(await auditJournal(path, spoilt)).toEqual({
      acknowledged: 3,
      lost: 1,
      altered: 1,
      repeated: 1,
      unacknowledged: 1,
      examples: ['repeated: a b 0 0', 'altered from 2 to 2.5: a b 0 1', 'lost: a b 1 0'],
    });
  });
});

describe('the load generator', () => {
  const devices = ['one', 'two', 'three'].map((name) => ({
    name,
    topic: `fl/1/plant/${name}/telemetry`,
    username: `plant/${name}`,
    password: 'secret',
  }));

  /** What a broker received, each message once for each time that it came. */
  const samplesOf = (received: { topic: string; payload: string }[]) =>
    received.flatMap(({ topic, payload }) => {
      const { boot, seq, samples } = JSON.parse(payload) as { boot: string; seq: number; samples: { value: number }[] };
      return samples.map(({ value }, index) => ({ device: topic.split('/')[3]!, boot, seq, index, value }));
    });

  it('takes down exactly what was acknowledged, through a broker that dies and comes back', async () => {
    const path = join(folder, 'journal');
    const journal = new PubackJournal(path);
    // Every tenth message is kept but its PUBACK is lost: the publisher must send it again, and it is then a duplicate.
    const first = await startTestBroker({ acknowledge: (_, nth) => nth % 10 !== 0 });
    const load = await startLoad({
      mqttUrl: first.url,
      devices,
      journal,
      messages: 2000,
      samplesPerMessage: 2,
      window: 32,
    });
    await expect.poll(() => load.acknowledged).toBeGreaterThan(100);
    await first.stop();
    const second = await startTestBroker({ port: first.port });
    const result = await load.done;
    await second.stop();
    journal.close();
    expect(result).toMatchObject({ sent: 2000, acknowledged: 2000, reconnects: 3 });

    const received = [...samplesOf(first.received), ...samplesOf(second.received)];
    const once = [...new Map(received.map((s) => [`${s.device} ${s.boot} ${s.seq} ${s.index}`, s])).values()];
    expect(received.length).toBeGreaterThan(once.length);
    expect(await auditJournal(path, once)).toMatchObject({
      acknowledged: 4000,
      lost: 0,
      altered: 0,
      repeated: 0,
      unacknowledged: 0,
    });
    expect(await auditJournal(path, received)).toMatchObject({ lost: 0, repeated: received.length - once.length });
  });

  it('keeps to the rate that was asked for', async () => {
    const journal = new PubackJournal(join(folder, 'journal'));
    const broker = await startTestBroker();
    const load = await startLoad({ mqttUrl: broker.url, devices, journal, ratePerSecond: 500, messages: 250 });
    const { elapsedMs, acknowledged } = await load.done;
    await broker.stop();
    journal.close();
    expect(acknowledged).toBe(250);
    expect(elapsedMs).toBeGreaterThan(400);
  });
});
