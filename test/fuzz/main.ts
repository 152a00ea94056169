import { parseArgs } from 'node:util';
import { startRig } from '../fixtures/intakeRig.ts';
import { fuzzPackets, type PacketTally } from './packets.ts';
import { fuzzPayload, type PayloadTally } from './payloads.ts';
import { Random } from './random.ts';
import { fuzzTargets } from './vectors.ts';

/*
 * npm run fuzz -- --count 1000000 [--seed N] [--format name] [--packets N]
 * Mutated payloads, `count` of each format, through the shipper's decoding; mutated packets through the front's sockets.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    format: { type: 'string' },
    packets: { type: 'string' },
  },
});
/** Decoding keeps nothing: what one payload needs is free before the next but for garbage not yet collected. */
const MAX_RSS_BYTES = 700 * 1024 ** 2;

const count = Number(values.count);
const seed = Number(values.seed);
const packets = Number(values.packets ?? count);
const targets = fuzzTargets(values.format);
let highestRss = 0;

function demandMemory(): void {
  const rss = process.memoryUsage.rss();
  highestRss = Math.max(highestRss, rss);
  if (rss > MAX_RSS_BYTES)
    throw new Error(`RSS is ${Math.round(rss / 1024 ** 2)} MiB, over ${MAX_RSS_BYTES / 1024 ** 2}`);
}

console.log(`seed ${seed}: ${count} payloads of each of ${targets.length} formats, ${packets} packets`);
for (const target of targets) {
  const random = new Random(seed);
  const tally: PayloadTally = { payloads: 0, stored: 0, quarantined: 0, slowestMs: 0 };
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    fuzzPayload(target, random, tally);
    if (index % 4096 === 0) demandMemory();
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${target.format.name.padEnd(14)} ${tally.payloads} payloads, ${tally.stored} units stored, ${tally.quarantined} quarantined, slowest ${tally.slowestMs.toFixed(1)} ms, ${seconds.toFixed(0)} s`,
  );
}

if (packets > 0) {
  const rig = await startRig();
  const tally: PacketTally = { packets: 0, connections: 0, proofs: 0 };
  const random = new Random(seed);
  const started = performance.now();
  while (tally.packets < packets) {
    await fuzzPackets(rig, targets, Math.min(20_000, packets - tally.packets), random, tally);
    demandMemory();
  }
  const { messages } = rig.intake.counts();
  console.log(
    `packets        ${tally.packets} on ${tally.connections} connections, ${messages} messages taken in, ${tally.proofs} proofs of life, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  await rig.stop();
}
console.log(
  `no failure; highest RSS ${Math.round(highestRss / 1024 ** 2)} MiB of ${MAX_RSS_BYTES / 1024 ** 2} allowed`,
);
process.exit(0);
