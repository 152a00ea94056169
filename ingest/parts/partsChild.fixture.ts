import { join } from 'node:path';
import { createLog, systemClock } from '../../platform/index.ts';
import { openSpool } from '../spool/index.ts';
import { messagesIn, origin } from './block.fixture.ts';
import { openParts } from './openParts.ts';

/*
 * A process to be killed: takes the parts of the blocks numbered in its arguments, and says which are durable, as the front would
 * acknowledge them. Arguments: directory, from, to.
 */
const [directory, from, to] = process.argv.slice(2) as [string, string, string];
const clock = systemClock();
const log = createLog('silent');
const spool = await openSpool({ directory: join(directory, 'spool'), limitBytes: 1 << 30, clock, log });
const { area } = await openParts({ directory: join(directory, 'parts'), limitBytes: 1 << 28, spool, clock, log });
for (let block = Number(from); block < Number(to); block++) {
  for (const [index, message] of messagesIn(block).entries()) {
    const end = area.take(origin, clock.nowNs(), message, false);
    if (end === null || end < 0) throw new Error('a part was not taken');
    void area.spool.flushed(end).then(() => process.stdout.write(`${block}.${index}\n`));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await clock.sleep(60_000);
