import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { settled } from '../platform.ts';
import { readingsOf, senderOf } from '../sender.ts';

const DAY_MS = 86_400_000;
const TOLERANCE_MS = 30_000;
const PART = 200;

/** What the device's clock shows at a true time. */
const CLOCKS: Readonly<Record<string, (trueMs: number, startMs: number) => number>> = {
  'fast-400-days': (trueMs) => trueMs + 400 * DAY_MS,
  'slow-1-hour': (trueMs) => trueMs - 3_600_000,
  'five-times-too-fast': (trueMs, startMs) => startMs + 400_000 + 5 * (trueMs - startMs),
};

export const wrongClocks: FaultCase = {
  id: '19',
  title: 'clocks 400 days ahead, an hour behind, five times too fast: put right by sentAt, else flagged or quarantined',
  run: async (rig) => {
    const count = rig.pick(100, 5000);
    const names = Object.keys(CLOCKS);
    const run = await loaded(rig, { devices: names, idle: true });
    const startMs = Date.now() - 60_000;
    let lost = 0;
    let doubled = 0;
    for (const name of names) {
      rig.tell(name);
      const sender = await senderOf(rig, run, name);
      const clock = (trueMs: number) => Math.round(CLOCKS[name]!(trueMs, startMs));
      // Taken in the last minute, sent just now: only the time of sending tells how wrong the clock is.
      const takenMs = Array.from({ length: count }, (_, i) => startMs + (i * 50_000) / count);
      const sentMs: number[] = [];
      // In parts: what says when it was sent must be on its way soon after.
      while (sentMs.length < count) {
        const part = takenMs.slice(sentMs.length, sentMs.length + PART).map((taken, index) => {
          const seq = sentMs.length + index;
          const marks = `"boot":"b","seq":${seq},"time":${clock(taken)}`;
          const nowMs = Date.now();
          const told = `{"point":"told","value":${seq},${marks},"sentAt":${clock(nowMs)}}`;
          return { nowMs, messages: [told, `{"point":"untold","value":${seq},${marks}}`] };
        });
        sentMs.push(...part.map(({ nowMs }) => nowMs));
        await sender.all(part.flatMap(({ messages }) => messages));
      }
      assertBalanced(await settled(run.api, 30_000));
      const told = await readingsOf(run, `${name}/told`);
      const values = new Set(told.map(({ value }) => value));
      lost += count - values.size;
      doubled += told.length - values.size;
      for (const { time, value, corrected, deviceTime } of told) {
        const placedMs = Number(BigInt(time) / 1_000_000n);
        // A clock that runs too fast stretches what lies between taking and sending; not more than that may be off.
        const betweenMs = sentMs[value]! - takenMs[value]!;
        const offMs = Math.abs(placedMs - takenMs[value]!) - (name.startsWith('five') ? 4 * betweenMs : 0);
        assert.ok(offMs < TOLERANCE_MS, `${name}: sample ${value} was placed ${offMs} ms off`);
        assert.ok(corrected && deviceTime !== null, `${name}: nothing tells that sample ${value} was moved`);
      }
      const untold = await readingsOf(run, `${name}/untold`);
      const quarantined = await run.api.list<{ reasonCode: string; units: number }>(
        `/api/v1/quarantine?device=${name}&limit=200`,
      );
      const ahead = quarantined.filter(({ reasonCode }) => reasonCode === 'TIME_AHEAD').length;
      lost += count - untold.length - ahead;
      if (name.startsWith('fast')) assert.equal(ahead, count, 'samples from 400 days ahead were taken as measured');
      if (name.startsWith('five'))
        assert.ok(
          untold.some(({ future }) => future),
          'nothing flags what lies ahead',
        );
    }
    await pause(2500); // presence is written once a second
    const { items } = await run.api.get<{ items: { name: string; lastMessageAt: string | null }[] }>(
      '/api/v1/devices?limit=100',
    );
    for (const { name, lastMessageAt } of items) {
      const agoMs = Math.abs(Date.now() - Date.parse(lastMessageAt ?? ''));
      assert.ok(agoMs < 60_000, `presence of ${name} follows the device's clock, not ours: ${lastMessageAt}`);
    }
    return {
      ...{ case: '19', injected: '+400 d, −1 h, × 5', acknowledged: 2 * count * names.length, lost, doubled },
      slowestRecoveryMs: null,
    };
  },
};
