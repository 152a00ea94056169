import type { Reading, WaveformBlock } from '../../ingest/store/readings.ts';
import { newId } from '../../platform/index.ts';

/** 2026-03-01T12:00:00Z. */
export const NOON_NS = 1_772_366_400_000_000_000n;
export const SECOND_NS = 1_000_000_000n;
export const DAY_NS = 86_400n * SECOND_NS;

/** A reading to vary in a test; each has an identity of its own. */
export function reading(tenantId: string, over: Partial<Reading> = {}): Reading {
  return {
    tenantId,
    device: 'press-1',
    point: 'de-velocity',
    timeNs: NOON_NS,
    arrivalNs: over.timeNs ?? NOON_NS,
    deviceTimeNs: over.timeNs ?? NOON_NS,
    sentAtNs: null,
    identity: newId(),
    receipt: `${newId()}:0`,
    index: 0,
    boot: null,
    seq: null,
    windowed: false,
    future: false,
    corrected: false,
    arrivalTimed: false,
    value: 1.5,
    unit: 'mm/s',
    ...over,
  };
}

/** The same reading, delivered once more. */
export function again(one: Reading): Reading {
  return { ...one, receipt: `${newId()}:0` };
}

/** A small int16 block to vary in a test. */
export function block(tenantId: string, over: Partial<WaveformBlock> = {}): WaveformBlock {
  const { value: _value, ...origin } = reading(tenantId);
  const samples = Int16Array.from({ length: 1000 }, (_, i) => Math.round(20_000 * Math.sin(i / 7)));
  return {
    ...origin,
    point: 'de-acceleration',
    samplingRateHz: 12_000,
    unit: 'g',
    axis: 'radial',
    speedRpm: 1797,
    loadPercent: null,
    scale: 0.0005,
    encoding: 'int16',
    sampleCount: samples.length,
    raw: new Uint8Array(samples.buffer),
    ...over,
  };
}
