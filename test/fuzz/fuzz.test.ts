import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Rig, startRig } from '../fixtures/intakeRig.ts';
import { fuzzPackets, type PacketTally } from './packets.ts';
import { fuzzPayload, type PayloadTally } from './payloads.ts';
import { Random } from './random.ts';
import { fuzzTargets } from './vectors.ts';

/* A short run with a fixed seed; `npm run fuzz -- --count 1000000` is the long one. */
const targets = fuzzTargets();

test.each(targets)('$format.name: mutated payloads are stored, or quarantined with a reason', (target) => {
  const tally: PayloadTally = { payloads: 0, stored: 0, quarantined: 0, slowestMs: 0 };
  const random = new Random(7);
  for (let index = 0; index < 1_500; index++) fuzzPayload(target, random, tally);
  expect(tally.payloads).toBe(1_500);
  expect(tally.quarantined).toBeGreaterThan(100);
  expect(tally.stored).toBeGreaterThan(100);
});

test('the same seed makes the same run', () => {
  const [one, other] = [new Random(3), new Random(3)];
  expect(Array.from({ length: 20 }, () => one.below(1000))).toEqual(
    Array.from({ length: 20 }, () => other.below(1000)),
  );
});

describe('through the front', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.stop());

  test('mutated packets end connections, not the process', async () => {
    const tally: PacketTally = { packets: 0, connections: 0, proofs: 0 };
    await fuzzPackets(rig, targets, 2_000, new Random(7), tally);
    expect(tally).toMatchObject({ packets: 2_000, connections: 50, proofs: 3 });
    expect(rig.intake.counts().messages).toBeGreaterThan(100);
  });
});
