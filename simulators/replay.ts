import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../platform/pure.ts';
import { type AttachedSystem, attach, type Backlog, drained } from './attach/index.ts';
import { type ReplayAsset, replayAssets, replayCmdb } from './replay/assets.ts';
import { openFolder } from './replay/folder.ts';
import { outcomeTable, readOutcomes } from './replay/outcome.ts';
import { publishRecord, type ReplayProgress } from './replay/publish.ts';
import { statusLine } from './statusLine.ts';

const USAGE = `npm run replay -- --dir DIR [options]
  --dir DIR       folder with recordings: .f32 with .json, .wav, .csv
  --once          end after the table (otherwise the platform stays up for looking around)
  --json FILE     write the table as a list of {record, fault, confidence, order}
  --speed X       X seconds of recording a second (absent: as fast as it is acknowledged)
  --chunk BYTES   send waveform blocks of more sample bytes than this in parts, put together by the intake
  --url URL --mqtt URL --user NAME   replay into a system that runs; password in FAULTLINE_PASSWORD
                  (absent: starts one in a fresh folder)`;

/** Records that are published at the same time when none has to keep a pace. */
const SIDE_BY_SIDE = 3;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      once: { type: 'boolean', default: false },
      json: { type: 'string' },
      speed: { type: 'string' },
      chunk: { type: 'string' },
      url: { type: 'string' },
      mqtt: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.dir === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const speed = values.speed === undefined ? undefined : Number(values.speed);
  if (speed !== undefined && !(speed > 0)) throw new Error('--speed must be a number above 0');
  const partBytes = values.chunk === undefined ? undefined : Number(values.chunk);
  if (partBytes !== undefined && !(Number.isSafeInteger(partBytes) && partBytes >= 64))
    throw new Error('--chunk must be a whole number of bytes, at least 64');
  const { records, problems } = await openFolder(values.dir);
  for (const problem of problems) console.error(`cannot be replayed: ${problem}`);
  if (records.length === 0) throw new Error(`${values.dir} holds no recording: .f32 with .json, .wav or .csv`);

  const clock = systemClock();
  console.log(
    `${records.length} records in ${values.dir}; ${values.url === undefined ? 'starting Faultline …' : `into ${values.url}`}`,
  );
  const system = await attach(values);
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  try {
    const assets = replayAssets(records, clock.nowMs().toString(36));
    const run = replayInto(system, assets, { clock, speed, partBytes });
    await Promise.race([run, interrupted.then(() => Promise.reject(new Error('interrupted'))), ...ending(system)]);
    const outcomes = await readOutcomes(system.api, assets);
    console.log(`\n${outcomeTable(outcomes)}\n`);
    if (values.json !== undefined) {
      const list = outcomes.map(({ record, fault, confidence, order }) => ({ record, fault, confidence, order }));
      await writeFile(values.json, `${JSON.stringify(list, null, 2)}\n`);
    }
    if (!values.once && system.child) {
      console.log(`Faultline stays up at ${system.httpUrl}/docs (admin, ${system.child.adminPassword}). Ctrl-C ends.`);
      await Promise.race([interrupted, ...ending(system)]);
    }
    return problems.length > 0 ? 1 : 0;
  } finally {
    await system.stop();
  }
}

function ending(system: AttachedSystem): Promise<never>[] {
  return system.child ? [system.child.ended] : [];
}

async function replayInto(
  system: AttachedSystem,
  assets: readonly ReplayAsset[],
  { clock, speed, partBytes }: { clock: Clock; speed: number | undefined; partBytes: number | undefined },
): Promise<void> {
  await system.importCmdb(replayCmdb(assets));
  const access = await system.registerDevices(assets.map(({ device }) => device));
  const progress: ReplayProgress = { blocks: 0, samples: 0, recordsDone: 0 };
  const status = statusLine();
  const told = setInterval(() => status.show(progressText(progress, assets.length)), 500);
  try {
    const waiting = [...assets];
    const worker = async () => {
      for (let asset = waiting.shift(); asset; asset = waiting.shift()) {
        await publishRecord(asset, {
          ...{ mqttUrl: system.mqttUrl, access: access.get(asset.device)!, clock, progress },
          ...(speed === undefined ? {} : { speed }),
          ...(partBytes === undefined ? {} : { partBytes }),
        }).catch((error: Error) => {
          throw new Error(`${basename(asset.record.path)}: ${error.message}`);
        });
      }
    };
    // Records that keep a pace run side by side, as they were made; otherwise a few suffice to keep the intake busy.
    const workers = speed === undefined ? Math.min(SIDE_BY_SIDE, assets.length) : assets.length;
    await Promise.all(Array.from({ length: workers }, worker));
  } finally {
    clearInterval(told);
  }
  status.end(progressText(progress, assets.length));
  await drained(system.api, clock, (left) => status.show(backlogText(left)));
  status.end('everything stored, analysed and acted on');
}

function backlogText({ pending, unanalysed, unordered, unsent }: Backlog): string {
  return `left: ${pending} units to store, ${unanalysed} batches to analyse, ${unordered} orders to open, ${unsent} messages to send`;
}

function progressText({ blocks, samples, recordsDone }: ReplayProgress, records: number): string {
  return `acknowledged: ${blocks} waveforms, ${samples} readings; ${recordsDone} of ${records} records`;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
