import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { spooledSamples } from '../oracle.ts';
import { metric } from '../platform.ts';

const LIMIT_BYTES = 1 << 20;

/** Puts the spool on a file system of 1 MB; without root the kernel's limit on a file's size (EFBIG) must do. */
function smallSpool(rig: FaultRig): 'tmpfs' | 'file size' {
  const spool = join(rig.folder, 'data', 'spool');
  mkdirSync(spool, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${LIMIT_BYTES},mode=700`, 'tmpfs', spool]);
  if (mounted.status !== 0) return 'file size';
  rig.atEnd(() => execFileSync('umount', ['-l', spool]));
  return 'tmpfs';
}

export const smallDisk: FaultCase = {
  id: '4',
  title: 'spool on a disk of 1 MB: PUBACKs stop with the space and go on with it',
  run: async (rig) => {
    const rounds = rig.times(2, 30);
    const limit = smallSpool(rig);
    const run = await loaded(rig, { devices: 4, ratePerSecond: 1000 });
    if (limit === 'file size')
      execFileSync('prlimit', ['--pid', String(run.platform.child.pid), `--fsize=${LIMIT_BYTES}`]);
    let slowestRecoveryMs = 0;
    for (let round = 0; round < rounds; round++) {
      rig.tell(`round ${round + 1} of ${rounds}: filling`);
      await rig.store.gone(run);
      await stalled(run);
      assert.equal(
        await metric(run.api, 'faultline_ingest_spool_full'),
        1,
        'no PUBACK comes, yet no alarm says “full”',
      );
      run.journal.flush();
      const promised = run.journal.entries;
      const onDisk = await countOf(spooledSamples(join(run.platform.dataDir, 'spool')));
      if (round === 0) assert.equal(onDisk, promised, 'what is acknowledged is not what is in the spool');
      await rig.store.back(run);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.acknowledged(500));
    }
    return run.verdict({ case: '4', injected: `${rounds} × full at 1 MB (${limit})`, slowestRecoveryMs });
  },
};

/** Waits until no message has been acknowledged for a second. */
async function stalled(run: Loaded): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  for (let before = -1; before !== run.load.acknowledged; ) {
    before = run.load.acknowledged;
    await pause(1000);
    assert.ok(Date.now() < deadlineMs, 'the disk is full, and still there are PUBACKs');
  }
}

async function countOf(things: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of things) count++;
  return count;
}
