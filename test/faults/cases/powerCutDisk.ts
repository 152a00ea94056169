import { cutDisk, noCutDisk } from '../cutDisk.ts';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

export const powerCutDisk: FaultCase = {
  id: '3',
  on: 'ext4',
  optional: true,
  title: 'power cut of the disk that holds spool and database, under load',
  lacks: noCutDisk,
  run: async (rig) => {
    const cuts = rig.times(2, 50);
    const disk = await cutDisk(rig.folder, 4 * 2 ** 30);
    rig.atEnd(() => disk.remove());
    const run = await loaded(rig, { ratePerSecond: 2000, database: 'embedded', folder: disk.folder });
    let slowestRecoveryMs = 0;
    for (let cut = 0; cut < cuts; cut++) {
      rig.tell(`cut ${cut + 1} of ${cuts}`);
      await run.acknowledged(500 + Math.floor(rig.random.between(0, 3000)));
      disk.cut();
      await run.platform.kill();
      await disk.powerOn();
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.restart());
    }
    return run.verdict({ case: '3', injected: `${cuts} × power off (ext4)`, slowestRecoveryMs });
  },
};
