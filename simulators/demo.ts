import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../platform/pure.ts';
import { type Api, type AttachedSystem, attach, drained, readLedger } from './attach/index.ts';
import { FAILING_DEVICE, HEALTHY_ROUNDS, STUCK_POINT } from './demo/failure.ts';
import {
  type Anomaly,
  type Findings,
  findAnomaly,
  followAnomaly,
  lookAround,
  timelineOf,
  whatIsMissing,
} from './demo/findings.ts';
import { freshDemoFolder } from './demo/folder.ts';
import { ProgressTeller } from './demo/progress.ts';
import { LAST_ROUND, PlantRounds } from './demo/rounds.ts';
import { stagePlant } from './demo/stage.ts';
import { lastLine, tellStory } from './demo/story.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { PlantFeed, plantMachines } from './plant/index.ts';

const USAGE = `npm run demo [-- --once]
  --once   a fresh folder; ends when the first order is dispatched and its owners are told (within 90 s)`;

const SEED = 'linjiang';
const ONCE_WITHIN_MS = 85_000;
/** Pause between two machines: quick while the plant is well, then slow enough for each block to be judged at once. */
const HEALTHY_SPACING_MS = 20;
const FAILING_SPACING_MS = 60;
const AFTERWARDS_SPACING_MS = 500;
const PROGRESS_MS = 3_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.help) return console.log(USAGE);
  const clock = systemClock();
  const startedMs = clock.nowMs();
  const folder = fileURLToPath(new URL('../.faultline/demo', import.meta.url));
  if (!values.once) await freshDemoFolder(folder);
  const dataDir = values.once ? undefined : join(folder, 'data');

  console.log('Starting a mail server and Faultline …');
  const mailbox = await startMailbox();
  const spawn = { env: { SMTP_URL: mailbox.url }, ...(dataDir === undefined ? {} : { dataDir }) };
  const system = await attach({ spawn });
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  const stopped = interrupted.then(() => Promise.reject(new Interrupted('it was interrupted')));
  stopped.catch(() => undefined);
  try {
    const ends = [stopped, system.child!.ended];
    const withinMs = values.once ? ONCE_WITHIN_MS - (clock.nowMs() - startedMs) : Number.POSITIVE_INFINITY;
    await Promise.race([
      play(system, mailbox, { clock, startedMs, withinMs, once: values.once, interrupted, folder }),
      ...ends,
    ]);
  } catch (error) {
    // Without --once this is how every demo ends.
    if (values.once || !(error instanceof Interrupted)) throw error;
    console.log('Stopping …');
  } finally {
    await system.stop();
    await mailbox.stop();
  }
}

/** Somebody pressed Ctrl-C. */
class Interrupted extends Error {}

interface Play {
  clock: Clock;
  startedMs: number;
  withinMs: number;
  once: boolean;
  interrupted: Promise<void>;
  /** Where the picture of the evidence is put. */
  folder: string;
}

async function play(system: AttachedSystem, mailbox: Mailbox, options: Play): Promise<void> {
  const { clock, startedMs, once } = options;
  const { api } = system;
  const machines = plantMachines(SEED);
  console.log(`Faultline is up at ${system.httpUrl}; importing the plant …`);
  const staged = await stagePlant(system, machines);
  console.log(
    `The plant has ${staged.cis} items and ${staged.relations} relations in the CMDB, ${machines.length} machines that ` +
      `send, ${staged.technicians} technicians. For ${HEALTHY_ROUNDS} hours of its time all is well; then a bearing of ` +
      `${FAILING_DEVICE} begins to fail.`,
  );
  const feed = new PlantFeed(system.mqttUrl, staged.access, SEED);
  await feed.connect();
  const rounds = new PlantRounds(feed, machines, clock);
  const teller = new ProgressTeller({ api, feed, rounds, mailbox, clock, startedMs });
  teller.start(PROGRESS_MS);
  const findings = await letItFail(system, mailbox, rounds, options);
  const timeline = timelineOf(findings, (momentMs) => rounds.sentBefore(momentMs));
  if (once) {
    await feed.close();
    await drained(api, clock);
    await teller.stop();
    await teller.tell();
    const around = await lookAround(api, FAILING_DEVICE, STUCK_POINT);
    console.log(`\n${tellStory(findings, around, timeline)}\n`);
    console.log(lastLine(findings, around, await readLedger(api, true), timeline));
    return;
  }
  await teller.stop();
  const around = await lookAround(api, FAILING_DEVICE, STUCK_POINT);
  console.log(`\n${tellStory(findings, around, timeline)}\n`);
  console.log(`API documentation  ${system.httpUrl}/docs`);
  console.log(`Evidence           ${await savePicture(api, findings, options.folder)}`);
  console.log(`Administrator      admin, password ${system.child!.adminPassword}`);
  console.log('The plant goes on running. Ctrl-C ends.');
  let over = false;
  options.interrupted.then(() => {
    over = true;
  });
  while (!over) await rounds.next(AFTERWARDS_SPACING_MS, () => over);
  await feed.close();
}

/** Saves the picture of the evidence, for its address asks who is looking. */
async function savePicture(api: Api, { order }: Findings, folder: string): Promise<string> {
  if (order.evidenceUrl === null) return 'none';
  const path = join(folder, 'evidence.svg');
  await writeFile(path, await api.text(order.evidenceUrl));
  return path;
}

/** Lets the plant run until the failing bearing's order is dispatched and its owners are told. */
async function letItFail(
  { api }: AttachedSystem,
  mailbox: Mailbox,
  rounds: PlantRounds,
  { clock, withinMs }: Play,
): Promise<Findings> {
  const deadlineMs = clock.nowMs() + withinMs;
  let anomaly: Anomaly | undefined;
  let findings: Findings | undefined;
  let failure: Error | undefined;
  const looking = (async () => {
    while (!findings && !failure) {
      anomaly ??= rounds.round > HEALTHY_ROUNDS ? await findAnomaly(api, FAILING_DEVICE) : undefined;
      if (anomaly) findings = await followAnomaly(api, anomaly, mailbox.mails);
      if (!findings) await clock.sleep(250);
    }
  })();
  looking.catch((error: Error) => {
    failure = error;
  });
  while (!findings && !failure) {
    const spacingMs = rounds.round < HEALTHY_ROUNDS ? HEALTHY_SPACING_MS : FAILING_SPACING_MS;
    if (anomaly) await clock.sleep(100);
    else if (rounds.round <= LAST_ROUND) await rounds.next(spacingMs, () => anomaly !== undefined);
    if (clock.nowMs() > deadlineMs || (rounds.round > LAST_ROUND && !anomaly)) {
      failure = new Error(
        `in ${rounds.round} hours of the plant's time ${await whatIsMissing(api, anomaly, mailbox.mails)}`,
      );
    }
  }
  await looking.catch(() => undefined);
  if (!findings) throw failure ?? new Error('the story ended without an order');
  return findings;
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`The demo failed: ${error.message}`);
    process.exit(1);
  },
);
