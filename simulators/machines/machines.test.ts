import { describe, expect, it } from 'vitest';
import {
  bearingOrders,
  type Defect,
  dischargePressureBar,
  housingTemperatureC,
  type MachineDesign,
  motorCurrentA,
  Random,
  recordWaveform,
  type Sensor,
  severityAt,
} from './index.ts';
import { amplitudeSpectrum, envelopeSpectrum, lineSnr, rms, velocityRmsMmS } from './spectrum.fixture.ts';

const geometry = { n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537, contactDeg: 0 };
const design: MachineDesign = {
  seed: 'test pump',
  ratedRpm: 1480,
  powerKw: 75,
  bearings: { DE: geometry, NDE: geometry },
  gearTeeth: 31,
  lineHz: 50,
  resonancesHz: [2300, 3900],
  residualUnbalanceMmS: 0.7,
  noiseG: 0.03,
};
const deRadial: Sensor = { bearing: 'DE', axis: 'radial' };
const deAxial: Sensor = { bearing: 'DE', axis: 'axial' };
const samplingRateHz = 12_800;
const shaftHz = design.ratedRpm / 60;

function record(defects: Defect[], { sensor = deRadial, take = 1, speedRpm = design.ratedRpm, loadPercent = 90 } = {}) {
  const condition = { speedRpm, loadPercent, defects };
  return recordWaveform(design, sensor, condition, { samplingRateHz, sampleCount: 32_768, take });
}

describe('a machine in good order', () => {
  const healthy = record([]);
  it('reads ISO 20816-3 zone A (group 2, rigid: below 1.4 mm/s)', () => {
    const velocity = velocityRmsMmS(healthy.samples, samplingRateHz);
    expect(velocity).toBeGreaterThan(0.4);
    expect(velocity).toBeLessThan(1.4);
  });
  it('shows no bearing line in its envelope', () => {
    const envelope = envelopeSpectrum(healthy.samples, samplingRateHz, 1500);
    const { bpfo, bpfi, bsf } = bearingOrders(geometry);
    for (const order of [bpfo, bpfi, 2 * bsf]) expect(lineSnr(envelope, order * shaftHz)).toBeLessThan(4);
  });
  it('is recorded anew from its seed, and differs between takes, sensors and machines', () => {
    expect(record([]).samples).toEqual(healthy.samples);
    expect(record([], { take: 2 }).samples).not.toEqual(healthy.samples);
    expect(record([], { sensor: deAxial }).samples).not.toEqual(healthy.samples);
    const other = recordWaveform(
      { ...design, seed: 'other pump' },
      deRadial,
      { speedRpm: 1480, loadPercent: 90, defects: [] },
      { samplingRateHz, sampleCount: 32_768, take: 1 },
    );
    expect(other.samples).not.toEqual(healthy.samples);
  });
  it('tells its mean speed, also while it runs up', () => {
    expect(healthy.speedRpm).toBeCloseTo(1480, -1);
    const runUp = recordWaveform(
      design,
      deRadial,
      { speedRpm: 600, endSpeedRpm: 1200, loadPercent: 50, defects: [] },
      { samplingRateHz, sampleCount: 16_384, take: 1 },
    );
    expect(runUp.speedRpm).toBeGreaterThan(880);
    expect(runUp.speedRpm).toBeLessThan(920);
  });
});

describe('bearing defects', () => {
  const orders = bearingOrders(geometry);
  const lines = { outer: orders.bpfo, inner: orders.bpfi, ball: 2 * orders.bsf, cage: orders.ftf } as const;
  for (const kind of ['outer', 'inner', 'ball', 'cage'] as const) {
    it(`${kind}: rings at its own order and two harmonics`, () => {
      const samples = record([{ kind, bearing: 'DE', severity: 0.45 }]).samples;
      const envelope = envelopeSpectrum(samples, samplingRateHz, 1500);
      for (const harmonic of [1, 2, 3]) expect(lineSnr(envelope, harmonic * lines[kind] * shaftHz)).toBeGreaterThan(6);
    });
  }
  it('inner: sidebands at the shaft rate; ball: at the cage rate', () => {
    const inner = envelopeSpectrum(
      record([{ kind: 'inner', bearing: 'DE', severity: 0.45 }]).samples,
      samplingRateHz,
      1500,
    );
    expect(lineSnr(inner, (orders.bpfi - 1) * shaftHz)).toBeGreaterThan(6);
    const ball = envelopeSpectrum(
      record([{ kind: 'ball', bearing: 'DE', severity: 0.45 }]).samples,
      samplingRateHz,
      1500,
    );
    expect(lineSnr(ball, (2 * orders.bsf + orders.ftf) * shaftHz)).toBeGreaterThan(6);
  });
  it('shows in the envelope well before velocity moves', () => {
    const samples = record([{ kind: 'outer', bearing: 'DE', severity: 0.17 }]).samples;
    const healthy = record([]).samples;
    expect(lineSnr(envelopeSpectrum(samples, samplingRateHz, 1500), orders.bpfo * shaftHz)).toBeGreaterThan(8);
    const moved = velocityRmsMmS(samples, samplingRateHz) / velocityRmsMmS(healthy, samplingRateHz);
    expect(moved).toBeLessThan(1.05);
  });
  it('is much weaker at the other end and silent when the shaft stands', () => {
    const defect: Defect = { kind: 'outer', bearing: 'DE', severity: 0.8 };
    const near = rms(record([defect]).samples);
    expect(rms(record([defect], { sensor: { bearing: 'NDE', axis: 'radial' } }).samples)).toBeLessThan(near / 3);
    expect(rms(record([defect], { speedRpm: 0 }).samples)).toBeLessThan(0.004);
  });
});

describe('shaft defects', () => {
  const velocityLine = (defects: Defect[], order: number, sensor = deRadial) => {
    const { amplitude, binHz } = amplitudeSpectrum(record(defects, { sensor }).samples, samplingRateHz);
    const centre = Math.round((order * shaftHz) / binHz);
    return (Math.max(...amplitude.subarray(centre - 2, centre + 3)) * 9806.65) / (2 * Math.PI * order * shaftHz);
  };
  it('unbalance raises the once-per-turn line alone', () => {
    const defect: Defect[] = [{ kind: 'unbalance', severity: 0.5 }];
    expect(velocityLine(defect, 1)).toBeGreaterThan(4 * velocityLine([], 1));
    expect(velocityLine(defect, 2)).toBeLessThan(1.3 * velocityLine([], 2));
  });
  it('misalignment raises twice per turn, most along the shaft', () => {
    const defect: Defect[] = [{ kind: 'misalignment', severity: 0.5 }];
    expect(velocityLine(defect, 2)).toBeGreaterThan(5 * velocityLine([], 2));
    expect(velocityLine(defect, 2, deAxial)).toBeGreaterThan(velocityLine(defect, 2));
  });
  it('looseness brings half orders', () => {
    const defect: Defect[] = [{ kind: 'looseness', severity: 0.5 }];
    expect(velocityLine(defect, 0.5)).toBeGreaterThan(0.3);
    expect(velocityLine(defect, 1.5)).toBeGreaterThan(5 * velocityLine([], 1.5));
  });
  it('a damaged tooth raises the sidebands of the mesh', () => {
    const sideband = (defects: Defect[]) => velocityLine(defects, design.gearTeeth! + 1);
    expect(sideband([{ kind: 'gear', severity: 0.5 }])).toBeGreaterThan(4 * sideband([]));
  });
  it('an unbalanced machine grows with the square of its speed', () => {
    const slow = velocityRmsMmS(
      record([{ kind: 'unbalance', severity: 0.5 }], { speedRpm: 740 }).samples,
      samplingRateHz,
    );
    const fast = velocityRmsMmS(record([{ kind: 'unbalance', severity: 0.5 }]).samples, samplingRateHz);
    expect(fast / slow).toBeGreaterThan(3);
  });
});

describe('what changes slowly', () => {
  it('severity stays 0 before its onset, ends at 1 and grows late', () => {
    const growth = { onsetHours: 10, lifeHours: 100, steepness: 4 };
    expect(severityAt(growth, 10)).toBe(0);
    expect(severityAt(growth, 60)).toBeLessThan(0.2);
    expect(severityAt(growth, 110)).toBe(1);
    expect(severityAt(growth, 500)).toBe(1);
    expect(severityAt({ ...growth, steepness: 0 }, 60)).toBe(0.5);
  });
  it('temperature settles with load and cools when stopped; current and pressure follow the load', () => {
    const random = new Random('scalars');
    const running = { speedRpm: 1480, loadPercent: 90, defects: [] };
    const stopped = { speedRpm: 0, loadPercent: 0, defects: [] };
    const warm = housingTemperatureC(running, 24, 10, random);
    expect(warm).toBeGreaterThan(50);
    expect(warm).toBeLessThan(62);
    expect(housingTemperatureC(stopped, warm, 10, random)).toBeLessThan(26);
    expect(motorCurrentA(design, running, random)).toBeGreaterThan(100);
    expect(motorCurrentA(design, stopped, random)).toBe(0);
    expect(dischargePressureBar(6, design, running, random)).toBeCloseTo(6.3, 0);
  });
});
