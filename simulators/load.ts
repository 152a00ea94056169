import { parseArgs } from 'node:util';
import { systemClock } from '../platform/pure.ts';
import { attach } from './attach/index.ts';
import { PubackJournal, startLoad } from './load/index.ts';

const USAGE = `npm run load -- [options]
  --devices N        devices that publish (50)
  --rate N           messages a second over all devices (absent: as fast as they are acknowledged)
  --seconds N        how long (10)
  --samples N        samples a message (1)
  --journal FILE     append-only list of everything acknowledged (load.journal)
  --url URL --mqtt URL --user NAME   load a system that runs; password in FAULTLINE_PASSWORD
                     (absent: starts one in a fresh folder)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      devices: { type: 'string', default: '50' },
      rate: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      samples: { type: 'string', default: '1' },
      journal: { type: 'string', default: 'load.journal' },
      url: { type: 'string' },
      mqtt: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  const number = (name: 'devices' | 'seconds' | 'samples' | 'rate') => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
    return value;
  };
  const clock = systemClock();
  const system = await attach(values);
  try {
    const run = Date.now().toString(36);
    const names = Array.from({ length: number('devices') }, (_, i) => `load-${run}-${i + 1}`);
    const access = await system.registerDevices(names);
    const journal = new PubackJournal(values.journal);
    const load = await startLoad({
      mqttUrl: system.mqttUrl,
      devices: names.map((name) => {
        const { username, password, topicPrefix } = access.get(name)!;
        return { name, username, password, topic: `${topicPrefix}/telemetry` };
      }),
      journal,
      samplesPerMessage: number('samples'),
      ...(values.rate === undefined ? {} : { ratePerSecond: number('rate') }),
    });
    for (let second = 1; second <= number('seconds'); second++) {
      await clock.sleep(1000);
      console.log(`${second} s: ${load.sent} sent, ${load.acknowledged} acknowledged`);
    }
    const { sent, acknowledged, elapsedMs, reconnects } = await load.stop();
    journal.close();
    const rate = Math.round((acknowledged / elapsedMs) * 1000);
    console.log(
      `${acknowledged} of ${sent} messages acknowledged, ${rate} a second, ${reconnects} reconnects; journal: ${values.journal}`,
    );
  } finally {
    await system.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
