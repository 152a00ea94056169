import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openSpool, type Spool } from '../../../ingest/spool/index.ts';
import { createLog, systemClock } from '../../../platform/index.ts';
import { PowerCut } from '../diskImages.ts';
import type { FaultCase } from '../faultCase.ts';
import { keysIn } from '../pubacks.ts';
import { untraceable } from '../spoolTrace.ts';
import { tracedLoad } from '../tracedLoad.ts';

export const powerCut: FaultCase = {
  id: '3',
  on: 'images',
  title: 'power cut: the spool opened on what a disk may hold when unsynced pages are gone or torn',
  lacks: untraceable,
  run: async (rig) => {
    const cuts = rig.pick(150, 5000);
    const { calls, pubacks, before, spoolFolder } = await tracedLoad(rig, rig.pick(4000, 20_000));
    const onDisk = calls.filter(({ target }) => target.startsWith(spoolFolder));
    const start = new Map<string, Buffer>();
    for (const name of readdirSync(before))
      if (name.endsWith('.seg')) start.set(join(spoolFolder, name), readFileSync(join(before, name)));
    const disk = new PowerCut(onDisk, start);

    const last = calls.at(-1)!.calledAt;
    const moments = Array.from({ length: cuts }, () => Math.ceil(rig.random.between(0, last + 2))).sort(
      (a, b) => a - b,
    );
    const lost = new Set<string>();
    let doubled = 0;
    let repaired = 0;
    const image = join(rig.folder, 'image');
    for (const [cut, moment] of moments.entries()) {
      rig.tell(`cut ${cut + 1} of ${cuts}`);
      rmSync(image, { recursive: true, force: true });
      mkdirSync(image);
      cpSync(join(before, 'spool.json'), join(image, 'spool.json'));
      for (const [path, bytes] of disk.imageAt(moment, rig.random)) writeFileSync(join(image, basename(path)), bytes);
      const spool = await openSpool({
        directory: image,
        limitBytes: 1 << 30,
        clock: systemClock(),
        log: createLog('silent'),
      });
      if (spool.statistics().tornBytes > 0) repaired++;
      const keys = await keysOf(spool);
      await spool.close();
      const there = new Set(keys);
      doubled += keys.length - there.size;
      for (const { key, sentAt } of pubacks) {
        if (sentAt >= moment) break;
        if (!there.has(key)) lost.add(`${key} at ${moment}`);
      }
      if (lost.size > 0) break; // the image stays as evidence
    }
    assert.ok(repaired > cuts / 10, `only ${repaired} of ${cuts} images had anything to repair`);
    return {
      ...{ case: '3', injected: `${cuts} images`, acknowledged: pubacks.length, lost: lost.size, doubled },
      slowestRecoveryMs: null,
      note: lost.size > 0 ? `lost ${[...lost].slice(0, 3).join(', ')}` : `${repaired} had a torn end`,
    };
  },
};

/** Every sound record. Torn ones before sound ones are told as damage; whether one of them was promised, the caller finds. */
async function keysOf(spool: Spool): Promise<string[]> {
  const keys: string[] = [];
  for (let offset = spool.firstOffset(); ; ) {
    const { records, nextOffset } = await spool.read(offset, 1 << 20);
    for (const { payload } of records) keys.push(...keysIn(Buffer.from(payload)));
    if (nextOffset === offset) return keys;
    offset = nextOffset;
  }
}
