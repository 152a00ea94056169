import { join } from 'node:path';
import { createLog, systemClock } from '../../platform/index.ts';
import { openSpool, type Spool } from '../spool/index.ts';
import { messagesIn, messagesOfReceipts, origin } from './block.fixture.ts';
import { DEFAULT_PARTS_LIMITS, PartsArea } from './partsArea.ts';

/*
 * A process to be killed: takes the parts of the blocks numbered in its arguments, and says which are durable, as the front would
 * acknowledge them. Arguments: directory, from, to, which blocks, and where it kills itself.
 */
type Death = 'die-before-mark' | 'die-after-mark';
const [directory, from, to, kind = 'numbered', death] = process.argv.slice(2) as [
  string,
  string,
  string,
  'numbered'?,
  Death?,
];
const clock = systemClock();
const log = createLog('silent');
const spool = await openSpool({ directory: join(directory, 'spool'), limitBytes: 1 << 30, clock, log });
const parts = await openSpool({ directory: join(directory, 'parts'), limitBytes: 1 << 28, clock, log });
const area = await PartsArea.open({ parts: dying(parts), spool, clock, log, limits: DEFAULT_PARTS_LIMITS });
const messages = kind === 'numbered' ? messagesIn : messagesOfReceipts;
for (let block = Number(from); block < Number(to); block++) {
  for (const [index, message] of messages(block).entries()) {
    const end = area.take(origin, clock.nowNs(), message, false);
    if (end === null || end < 0) throw new Error('a part was not taken');
    void parts.flushed(end).then(() => process.stdout.write(`${block}.${index}\n`));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await clock.sleep(60_000);

/** The spool of the parts, whose process dies at the mark that a block has ended: the block itself is durable by then. */
function dying(real: Spool): Spool {
  if (death === undefined) return real;
  return new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'append') return typeof value === 'function' ? value.bind(target) : value;
      return (record: Parameters<Spool['append']>[0]) => {
        if (record.format !== 'flw1-ended') return target.append(record);
        if (death === 'die-before-mark') process.kill(process.pid, 'SIGKILL');
        const end = target.append(record);
        void target.flushed(end).then(() => process.kill(process.pid, 'SIGKILL'));
        return end;
      };
    },
  });
}
