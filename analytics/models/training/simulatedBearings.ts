import { bearingOrdersOf } from '../../diagnosis/bearing.ts';
import type { CombSource } from '../features/bearingCombs.ts';
import type { Random } from './random.ts';
import { type Defect, defectForce } from './simulatedDefect.ts';
import { type Resonance, randomStructure, ringing, scaledTo, strike } from './simulatedStructure.ts';

export type BearingClass = 'normal' | Defect;

/** The commonest twice, so that a third of the machines is heard at the least rate that the features allow. */
const RATES_HZ = [12_000, 12_000, 16_384, 20_000, 25_600, 48_000] as const;
/** The whole of a block that a machine would send, seconds. */
const LEAST_S = 0.6;
const MOST_S = 1.4;
const LEAST_TURNS = 16;
const SHAFT_LINES = 20;

/** A block in the making. */
interface Block {
  readonly samples: Float64Array;
  readonly samplingRateHz: number;
  readonly shaftHz: number;
  readonly structure: readonly Resonance[];
}

/**
 * One waveform of a machine that does not exist, different from every other in geometry, speed, resonances, levels and
 * in what else is to be heard: coloured noise that may swell with the shaft, shaft harmonics, mains hum, blows once or
 * several times a turn, stray blows, and in a faulty bearing its defect, from far below that background to far above it.
 * What differs in everything but the rhythm teaches the rhythm. Nothing recorded goes in, so that weights trained on it
 * are free of anybody's licence.
 *
 * @see J. Tobin et al., IROS 2017: domain randomisation
 */
export function simulateBearing(random: Random, kind: BearingClass): CombSource {
  const samplingRateHz = RATES_HZ[Math.floor(random.next() * RATES_HZ.length)]!;
  const shaftHz = random.between(12, 60);
  const seconds = Math.max(random.between(LEAST_S, MOST_S), LEAST_TURNS / shaftHz);
  const orders = bearingOrdersOf({
    n: Math.floor(random.between(6, 18)),
    ballDiameter: random.between(0.12, 0.33),
    pitchDiameter: 1,
    contactDeg: random.next() < 0.6 ? 0 : random.between(0, 30),
  });
  const block: Block = {
    samples: new Float64Array(Math.round(seconds * samplingRateHz)),
    samplingRateHz,
    shaftHz,
    structure: randomStructure(random, samplingRateHz),
  };
  addNoise(random, block);
  addShaft(random, block);
  if (random.next() < 0.55) addBlowsOfTheShaft(random, block);
  if (random.next() < 0.4) addStrayBlows(random, block);
  if (kind !== 'normal') {
    const force = defectForce(random, kind, { ...block, sampleCount: block.samples.length, orders });
    addForce(random, block, force, decibels(random, -14, kind === 'ball' ? 8 : 12));
  }
  const samples = Float32Array.from(block.samples);
  // What the sender says of the speed is up to 1 % wrong.
  return { samples, samplingRateHz, shaftHz: shaftHz * (1 + random.between(-0.01, 0.01)), orders };
}

/** A level against the noise, whose RMS is about 1. */
function decibels(random: Random, low: number, high: number): number {
  return 10 ** (random.between(low, high) / 20);
}

function addForce(
  random: Random,
  { samples, structure, samplingRateHz }: Block,
  force: Float64Array,
  levelRms: number,
) {
  const heard = ringing(random, structure, force, { samplingRateHz, levelRms });
  for (let i = 0; i < samples.length; i++) samples[i]! += heard[i]!;
}

/** Noise of the machine, coloured by its resonances, and of the sensor, the same in every band whatever the rate. */
function addNoise(random: Random, block: Block): void {
  const { samples, samplingRateHz, shaftHz } = block;
  const mix = random.next();
  addForce(
    random,
    block,
    samples.map(() => random.normal()),
    mix,
  );
  const white = (1 - mix) * Math.sqrt(samplingRateHz / 12_000);
  const depth = random.next() < 0.4 ? random.between(0, 0.6) : 0;
  const begin = 2 * Math.PI * random.next();
  for (let i = 0; i < samples.length; i++) {
    const swell = 1 + depth * Math.cos((2 * Math.PI * shaftHz * i) / samplingRateHz + begin);
    samples[i] = swell * (samples[i]! + white * random.normal());
  }
}

function addShaft(random: Random, { samples, samplingRateHz, shaftHz }: Block): void {
  const lines = new Float64Array(samples.length);
  const fall = random.between(0.1, 1);
  for (let k = 1; k <= SHAFT_LINES; k++) {
    const size = Math.exp(0.8 * random.normal() - fall * k);
    addLine(lines, (k * shaftHz) / samplingRateHz, size, 2 * Math.PI * random.next());
  }
  const heard = scaledTo(decibels(random, -20, 12), lines);
  for (let i = 0; i < samples.length; i++) samples[i]! += heard[i]!;
  if (random.next() < 0.4) {
    const mainsHz = random.next() < 0.5 ? 50 : 60;
    const times = random.next() < 0.5 ? 1 : 2;
    addLine(samples, (times * mainsHz) / samplingRateHz, decibels(random, -25, 0), 0);
  }
}

function addLine(signal: Float64Array, turnsPerSample: number, size: number, begin: number): void {
  for (let i = 0; i < signal.length; i++) signal[i]! += size * Math.sin(2 * Math.PI * turnsPerSample * i + begin);
}

/** Looseness, a coupling, a vane: one to five blows a turn, each of its own strength. */
function addBlowsOfTheShaft(random: Random, block: Block): void {
  const force = new Float64Array(block.samples.length);
  const blows = Array.from({ length: random.next() < 0.6 ? 1 : Math.floor(random.between(2, 6)) }, () =>
    Math.exp(0.7 * random.normal()),
  );
  const turn = block.samplingRateHz / block.shaftHz;
  const jitter = random.between(0, 0.004) * turn;
  let blow = 0;
  for (let at = random.next() * turn; at < force.length; at += turn / blows.length) {
    strike(force, at + jitter * random.normal(), blows[blow++ % blows.length]! * random.between(0.7, 1.3));
  }
  addForce(random, block, force, decibels(random, -18, 6));
}

/** Grit, sparks, steps nearby: without any rhythm. */
function addStrayBlows(random: Random, block: Block): void {
  const force = new Float64Array(block.samples.length);
  const count = 1 + Math.floor((random.next() * 60 * force.length) / block.samplingRateHz);
  for (let k = 0; k < count; k++) {
    const size = Math.exp(0.5 * random.normal()) * (random.next() < 0.5 ? -1 : 1);
    strike(force, random.next() * force.length, size);
  }
  addForce(random, block, force, decibels(random, -18, 3));
}
