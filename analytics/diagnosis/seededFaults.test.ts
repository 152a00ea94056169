import { describe, expect, test } from 'vitest';
import { type Defect, type MachineDesign, recordWaveform } from '../../simulators/machines/index.ts';
import { say } from '../evidence/findings/say.ts';
import {
  accumulate,
  analyseBlock,
  type BearingDimensions,
  baselineOf,
  bearingOrdersOf,
  type Diagnosis,
  type DiagnosisFacts,
  diagnose,
  emptyState,
  type Fault,
  noteRun,
} from './index.ts';

const RATE_HZ = 12_800;
const BLOCK = 16_384;
const HEALTHY_BLOCKS = 12;
const HOUR_NS = 3_600_000_000_000n;
const GEOMETRIES: readonly BearingDimensions[] = [
  { n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537, contactDeg: 0 },
  { n: 8, ballDiameter: 0.2656, pitchDiameter: 1.122, contactDeg: 0 },
  { n: 16, ballDiameter: 0.331, pitchDiameter: 2.815, contactDeg: 15.17 },
];

interface Course {
  readonly kind: Fault | null;
  readonly severity: number;
  readonly rpm: number;
  readonly seed: number;
  /** Blocks over which the defect grows to its severity after twelve healthy ones; 0: there from the start, no baseline. */
  readonly growsOver: number;
  readonly blocks?: number;
}

/** Feeds a simulated machine: one block an hour, speed wandering by 0.6 %, its tachometer wrong by up to 0.4 %. */
function follow({ kind, severity, rpm, seed, growsOver, blocks = 24 }: Course): Diagnosis {
  const bearing = GEOMETRIES[seed % 3]!;
  const design: MachineDesign = {
    ...{ seed: `machine ${seed}`, ratedRpm: rpm, powerKw: 75, bearings: { DE: bearing, NDE: bearing } },
    ...{ gearTeeth: 31, lineHz: 50, resonancesHz: [2300 + 100 * seed, 3900] },
    ...{ residualUnbalanceMmS: 0.5 + 0.1 * (seed % 4), noiseG: 0.03 },
  };
  const nameplate = { gearTeeth: 31, powerKw: 75, mounting: 'rigid' as const, ratedRpm: rpm };
  const facts: DiagnosisFacts = { bearingOrders: bearingOrdersOf(bearing), ...nameplate };
  let state = emptyState();
  const feed = (now: number, take: number) => {
    const speedRpm = rpm * (1 + 0.003 * (((7 * take + seed) % 5) - 2));
    const condition = { speedRpm, loadPercent: 90, defects: defectsOf(kind, now) };
    const acquisition = { samplingRateHz: RATE_HZ, sampleCount: BLOCK, take };
    const waveform = recordWaveform(design, { bearing: 'DE', axis: 'radial' }, condition, acquisition);
    const block = {
      ...{ samples: waveform.samples, samplingRateHz: RATE_HZ, unit: 'g' as const },
      ...{ speedRpm: waveform.speedRpm * (1 + 0.004 * ((seed % 3) - 1)), startNs: BigInt(take) * HOUR_NS },
    };
    state = noteRun(accumulate(state, analyseBlock(block, facts)), facts);
  };
  if (growsOver === 0) {
    for (let take = 0; take < blocks; take++) feed(severity, take);
    return diagnose(state, facts);
  }
  for (let take = 0; take < HEALTHY_BLOCKS; take++) feed(0, take);
  const baseline = baselineOf(state);
  for (let i = 1; i <= blocks; i++) feed(severity * Math.min(1, i / growsOver), HEALTHY_BLOCKS + i);
  return diagnose(state, facts, baseline);
}

function defectsOf(kind: Fault | null, severity: number): Defect[] {
  if (kind === null || severity === 0) return [];
  switch (kind) {
    case 'inner':
    case 'outer':
    case 'ball':
    case 'cage':
      return [{ kind, bearing: 'DE', severity }];
    default:
      return [{ kind, severity }];
  }
}

const SHAFT: readonly Fault[] = ['unbalance', 'misalignment', 'looseness', 'gear', 'electrical', 'lubrication'];
const BEARING: readonly Fault[] = ['outer', 'inner', 'ball', 'cage'];
const SPEEDS = [980, 1480, 2960] as const;

/** Three severities at three speeds, each with a machine, a bearing and noise of its own. */
const courses = (kind: Fault | null, growsOver: number, severities: readonly number[]): Course[] =>
  severities.flatMap((severity, s) =>
    SPEEDS.map((rpm, r) => ({ kind, severity, rpm, seed: 4 * s + 5 * r + growsOver, growsOver })),
  );

describe('every seeded fault gets its name or none, never another', { timeout: 180_000 }, () => {
  test.each([...SHAFT, ...BEARING])('%s, grown over the baseline', (kind) => {
    let heard = 0;
    const growsOver = kind === 'lubrication' ? 30 : 18;
    for (const course of courses(kind, growsOver, [0.15, 0.4, 0.8])) {
      const { fault, reason } = follow({ ...course, blocks: growsOver + 6 });
      expect([kind, null], `${JSON.stringify(course)}: ${say(reason).en}`).toContain(fault);
      if (fault === kind && course.severity >= 0.4) heard++;
    }
    // Of the six that have grown large; some early signs are within what a change of load makes.
    expect(heard).toBeGreaterThanOrEqual(3);
  });

  test.each([...SHAFT, ...BEARING])('%s, there from the first block', (kind) => {
    for (const course of courses(kind, 0, [0.15, 0.8])) {
      const { fault, reason } = follow({ ...course, blocks: 12 });
      expect([kind, null], `${JSON.stringify(course)}: ${say(reason).en}`).toContain(fault);
    }
  });

  test('a healthy machine: none, with or without a baseline', () => {
    for (const course of [...courses(null, 18, [0, 0]), ...courses(null, 0, [0, 0])]) {
      const { fault, reason } = follow(course);
      expect(fault, `${JSON.stringify(course)}: ${say(reason).en}`).toBeNull();
    }
  });
});

describe('what cannot be told is said', { timeout: 60_000 }, () => {
  const grown = { severity: 0.8, rpm: 1480, seed: 2, growsOver: 18 };

  test('noise that rises at once is no thin film', () => {
    const { fault, cannotTell, reason } = follow({ ...grown, kind: 'lubrication', growsOver: 1 });
    expect({ fault, cannotTell }).toEqual({ fault: null, cannotTell: true });
    expect(say(reason).en).toContain('rose at once');
  });

  test('a named fault comes with every other hypothesis and why it was rejected', () => {
    const { fault, rejected } = follow({ ...grown, kind: 'unbalance' });
    expect(fault).toBe('unbalance');
    const others = rejected.map((rejection) => rejection.fault);
    expect(new Set(others)).toEqual(new Set([...SHAFT, ...BEARING].filter((other) => other !== 'unbalance')));
    expect(others).toHaveLength(9);
    const why = (of: Fault) => say([rejected.find((rejection) => rejection.fault === of)!.reason]).en;
    expect(why('misalignment')).toMatch(/2× is [\d.]+ mm\/s beside [\d.]+ mm\/s at 1×, [\d.]+ times its baseline/);
    expect(why('electrical')).toContain('twice the mains (100 Hz)');
    expect(why('lubrication')).toMatch(/noise above 2 kHz is [\d.]+ times its baseline, 2.5 needed/);
    // In Chinese there is not one English word.
    for (const { reason } of rejected) expect(say([reason]).zh).toMatch(/^[^a-z]*(kHz|mm\/s|Hz|[^a-z])*$/);
  });
});
