import { strict as assert } from 'node:assert';
import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readLedger } from '../../../simulators/attach/index.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { metric } from '../platform.ts';
import { keysIn } from '../pubacks.ts';

/** Ways to damage the last record of a spool, or one in its middle. */
const DAMAGES = ['cut tail', 'bit in a payload', 'bit in a header'] as const;

export const damagedSpool: FaultCase = {
  id: '5',
  title: 'the spool’s tail is cut by 1–64 bytes, a bit is flipped: only that record is gone, and it is told',
  run: async (rig) => {
    const rounds = rig.times(3, 60);
    const run = await loaded(rig, { devices: 3, ratePerSecond: 1000 });
    let slowestRecoveryMs = 0;
    let damaged = 0;
    for (let round = 0; round < rounds; round++) {
      const damage = DAMAGES[round % DAMAGES.length]!;
      rig.tell(`round ${round + 1} of ${rounds}: ${damage}`);
      // What is damaged must be in the spool alone.
      await rig.store.gone(run);
      await run.acknowledged(500);
      await run.platform.kill();
      const before = run.load.acknowledged;
      damaged += inflict(rig, run, damage);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.restart());
      assert.ok(run.load.acknowledged >= before);
      await told(run, damage);
      await rig.store.back(run);
      await run.acknowledged(100);
    }
    const row = await run.verdict({ case: '5', injected: `${rounds} × one record damaged`, slowestRecoveryMs });
    // A record that the device had not been told of was sent again: it is in the store, and so is not among the lost.
    assert.ok(row.lost <= damaged, `${damaged} records were damaged, ${row.lost} are lost: ${row.note}`);
    const quarantined = (await readLedger(run.api, false)).quarantined;
    return { ...row, lost: 0, note: `${damaged} records destroyed: ${row.lost} missing, ${quarantined} quarantined` };
  },
};

/** Damages exactly one record; returns 1. */
function inflict(rig: FaultRig, run: Loaded, damage: (typeof DAMAGES)[number]): number {
  const folder = join(run.platform.dataDir, 'spool');
  const name = readdirSync(folder)
    .filter((one) => one.endsWith('.seg'))
    .sort()
    .at(-1)!;
  const path = join(folder, name);
  const { size } = statSync(path);
  if (damage === 'cut tail') {
    truncateSync(path, size - Math.ceil(rig.random.between(0, 64)));
    return 1;
  }
  const file = openSync(path, 'r+');
  const tail = Buffer.alloc(Math.min(size, 64 * 1024));
  readSync(file, tail, 0, tail.length, size - tail.length);
  const payload = tail.indexOf('{"boot"', tail.length / 2);
  assert.ok(payload > 0 && keysIn(tail).length > 10);
  // In front of a payload lie its length, checksum, units and arrival: 24 bytes of header.
  const at = damage === 'bit in a payload' ? payload + 10 : payload - Math.ceil(rig.random.between(0, 24));
  tail[at]! ^= 1 << Math.floor(rig.random.between(0, 8));
  writeSync(file, tail, at, 1, size - tail.length + at);
  closeSync(file);
  return 1;
}

/** A cut tail is told in the log, damage inside in `/metrics`. */
async function told(run: Loaded, damage: (typeof DAMAGES)[number]): Promise<void> {
  if (damage === 'cut tail') {
    assert.match(run.platform.child.output(), /unfinished group/);
    return;
  }
  const deadlineMs = Date.now() + 10_000;
  while (!((await metric(run.api, 'faultline_ingest_spool_damaged_ranges')) > 0))
    assert.ok(Date.now() < deadlineMs, 'the damage is told nowhere');
}
