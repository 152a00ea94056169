import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { settled } from '../platform.ts';
import { readingsOf, senderOf } from '../sender.ts';

export const sameMillisecond: FaultCase = {
  id: '20',
  title: 'two samples of one point at the same instant: both are stored',
  run: async (rig) => {
    const pairs = rig.pick(300, 4000);
    const run = await loaded(rig, { devices: ['twin'], idle: true });
    const sender = await senderOf(rig, run, 'twin');
    const baseMs = Date.now() - 3_600_000;
    const messages: string[] = [];
    const wanted: string[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const time = baseMs + pair;
      // Told apart by their sequence, by their place in a message, or by nothing but their value.
      const [first, second] = [pair, pair % 3 === 0 ? pair : pair + 0.5];
      const kind = pair % 3;
      if (kind === 0)
        for (const seq of [2 * pair, 2 * pair + 1])
          messages.push(`{"point":"p","value":${pair},"time":${time},"boot":"b","seq":${seq}}`);
      else if (kind === 1)
        messages.push(
          `{"time":${time},"boot":"b","seq":${2 * pair},"samples":[{"point":"p","value":${first}},{"point":"p","value":${second}}]}`,
        );
      else for (const value of [first, second]) messages.push(`{"point":"p","value":${value},"time":${time}}`);
      wanted.push(`${time} ${first}`, `${time} ${second}`);
    }
    await sender.all(messages);
    assertBalanced(await settled(run.api, 30_000));
    const left = (await readingsOf(run, 'twin/p')).map(({ time, value }) => `${BigInt(time) / 1_000_000n} ${value}`);
    let lost = 0;
    for (const one of wanted) {
      const at = left.indexOf(one);
      if (at === -1) lost++;
      else left.splice(at, 1);
    }
    return {
      ...{ case: '20', injected: `${pairs} pairs`, acknowledged: wanted.length, lost, doubled: left.length },
      slowestRecoveryMs: null,
    };
  },
};
