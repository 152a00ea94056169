import { describe, expect, test } from 'vitest';
import { float64Engine } from '../dsp/index.ts';
import { say } from '../evidence/findings/say.ts';
import { finding } from './finding.ts';
import {
  accumulate,
  analyseBlock,
  BEARING_FAULTS,
  baselineOf,
  bearingOrdersOf,
  type DiagnosisFacts,
  type DiagnosisState,
  decodeState,
  defectOrder,
  diagnose,
  emptyState,
  encodeState,
  judgeSeverity,
  noteRun,
  severityOf,
  sidebandOrder,
} from './index.ts';
import { ORDERS_6205, type SimulatedMachine, simulate } from './machine.fixture.ts';

const FACTS: DiagnosisFacts = { bearingOrders: ORDERS_6205, powerKw: 55, mounting: 'rigid' };
const HEALTHY: SimulatedMachine = {
  samplingRateHz: 12_000,
  rpm: 1772,
  seconds: 9.6,
  seed: 5,
  noiseG: 0.05,
  lines: { 1: 0.5, 2: 0.2, 3: 0.1 },
};
const BLOCK = 16_384;

function observe(
  machine: SimulatedMachine,
  options: { speedScale?: number | null; axis?: string } = {},
): DiagnosisState {
  const samples = simulate(machine);
  const speedRpm = options.speedScale === null ? undefined : machine.rpm * (options.speedScale ?? 1);
  let state = emptyState();
  for (let i = 0; i + BLOCK <= samples.length; i += BLOCK) {
    const block = {
      samples: samples.subarray(i, i + BLOCK),
      samplingRateHz: machine.samplingRateHz,
      unit: 'g' as const,
    };
    state = accumulate(state, analyseBlock({ ...block, speedRpm, axis: options.axis }, FACTS));
  }
  return state;
}

test('geometry gives the published orders of 6205, 6203 and ZA-2115', () => {
  const of = (n: number, ballDiameter: number, pitchDiameter: number, contactDeg: number) =>
    Object.values(bearingOrdersOf({ n, ballDiameter, pitchDiameter, contactDeg })).map((order) =>
      Number(order.toFixed(3)),
    );
  expect(of(9, 0.3126, 1.537, 0)).toEqual([3.585, 5.415, 0.398, 2.357]);
  expect(of(8, 0.2656, 1.122, 0)).toEqual([3.053, 4.947, 0.382, 1.994]);
  expect(of(16, 0.331, 2.815, 15.17)).toEqual([7.092, 8.908, 0.443, 4.197]);
});

describe('bearing faults of a simulated machine', () => {
  test.each(BEARING_FAULTS.filter((fault) => fault !== 'cage'))('%s is named, at 1 % wrong speed too', (fault) => {
    const modulationOrder = sidebandOrder(fault, ORDERS_6205) || undefined;
    const order = defectOrder(fault, ORDERS_6205);
    const machine = { ...HEALTHY, impacts: { order, heightG: 0.6, ...(modulationOrder && { modulationOrder }) } };
    for (const speedScale of [1, 0.99, 1.01]) {
      const diagnosis = diagnose(observe(machine, { speedScale }), FACTS);
      expect(diagnosis.fault, say(diagnosis.reason).en).toBe(fault);
      expect(diagnosis.confidence).toBeGreaterThan(0.5);
      expect(diagnosis.harmonics[0]!.hz).toBeCloseTo((order * machine.rpm) / 60, -1);
      expect(diagnosis.rejected.map((rejection) => rejection.fault)).not.toContain(fault);
    }
  });

  test('what speaks against a candidate is a test that it failed, never a threshold that it passed', () => {
    let outshone = 0;
    for (const fault of ['inner', 'outer', 'ball'] as const) {
      for (const heightG of [0.1, 0.3, 0.6, 2]) {
        const machine = { ...HEALTHY, impacts: { order: defectOrder(fault, ORDERS_6205), heightG } };
        // Geometry that is off by half a shaft order draws a refusal of the strongest candidate too.
        for (const shift of [0, 0.5]) {
          const orders = { ...ORDERS_6205, bpfo: ORDERS_6205.bpfo + shift };
          const { rejected } = diagnose(observe(machine), { ...FACTS, bearingOrders: orders });
          for (const { fault: of, reason: found } of rejected) {
            if (!BEARING_FAULTS.some((known) => known === of)) continue;
            const reason = say([found]).en;
            const numbers = /([\d.]+) times the noise floor over three harmonics, ([\d.]+) needed/.exec(reason);
            if (numbers !== null) expect(Number(numbers[1]), reason).toBeLessThan(Number(numbers[2]));
            else if (/explains more/.test(reason)) outshone++;
            else expect(reason).toMatch(/lead of|one line alone|come from elsewhere|just under/);
          }
        }
      }
    }
    expect(outshone).toBeGreaterThan(0);
  });

  test('healthy machines of 40 seeds: nothing is named, and the verdict is a clear one', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const diagnosis = diagnose(observe({ ...HEALTHY, seed, seconds: 5.6 }), FACTS);
      expect(diagnosis.fault, `seed ${seed}: ${say(diagnosis.reason).en}`).toBeNull();
      expect(diagnosis.cannotTell, `seed ${seed}: ${say(diagnosis.reason).en}`).toBe(false);
    }
  });

  test('impacts at an order that is none of this bearing are not forced onto it', () => {
    for (const order of [2.71, 4.3, 4.0, 6.9, 7.17]) {
      const diagnosis = diagnose(observe({ ...HEALTHY, impacts: { order, heightG: 0.6 } }), FACTS);
      expect(diagnosis.fault, `${order}: ${say(diagnosis.reason).en}`).not.toBe('inner');
      if (order !== 7.17) expect(diagnosis.fault, `${order}: ${say(diagnosis.reason).en}`).toBeNull();
    }
  });

  test('evidence too weak for one block suffices over several', () => {
    const weak = { ...HEALTHY, seconds: 27.4, impacts: { order: ORDERS_6205.bpfo, heightG: 0.07 } };
    const one = diagnose(observe({ ...weak, seconds: 1.4 }), FACTS);
    const many = diagnose(observe(weak), FACTS);
    expect(one.fault, say(one.reason).en).toBeNull();
    expect(many.fault, say(many.reason).en).toBe('outer');
  });

  test('a speed that changes from block to block does not smear the orders', () => {
    let state = emptyState();
    for (let i = 0; i < 6; i++) {
      const rpm = 1500 + 90 * i;
      const machine = { ...HEALTHY, rpm, seconds: 1.37, seed: i + 1 };
      const samples = simulate({ ...machine, impacts: { order: ORDERS_6205.bpfi, heightG: 0.6, modulationOrder: 1 } });
      const block = { samples: samples.subarray(0, BLOCK), samplingRateHz: 12_000, unit: 'g' as const, speedRpm: rpm };
      state = accumulate(state, analyseBlock(block, FACTS));
    }
    expect(diagnose(state, FACTS).fault).toBe('inner');
  });

  test('without a speed the rating will do; without a geometry nothing can be told', () => {
    const machine = { ...HEALTHY, impacts: { order: ORDERS_6205.bpfo, heightG: 0.6 } };
    const state = observe(machine, { speedScale: null });
    const rated = diagnose(state, { ...FACTS, ratedRpm: 1800 });
    expect(rated.fault, say(rated.reason).en).toBe('outer');
    expect(rated.confidence).toBeLessThan(diagnose(observe(machine), FACTS).confidence);
    expect(diagnose(state, {})).toMatchObject({ fault: null, cannotTell: true });
  });
});

describe('severity by the part that covers the machine', () => {
  const pump = { machineClass: 'Pump', powerKw: 90 };

  test('a pump is judged by the part for pumps, whatever its mounting, and a critical one more strictly', () => {
    expect(severityOf(4.5, pump, 1480)).toEqual({
      ...{ zone: 'B', part: 'ISO 10816-7:2009', table: 'category II, up to 200 kW', group: null, mounting: null },
      ...{ limitsMmS: [3.2, 5.1, 8.5], assumed: false },
    });
    expect(severityOf(4.5, { ...pump, machineClass: 'critical_pump' }, 1480)?.zone).toBe('C');
    expect(severityOf(4.5, { ...pump, powerKw: 250 }, 1480)?.limitsMmS).toEqual([4.2, 6.1, 9.5]);
  });

  test('a machine between two rows never gets the milder one by what is unknown', () => {
    for (const machineClass of [undefined, 'fan', 'pump', 'critical pump']) {
      const least = severityOf(1, { machineClass }, 3000)!;
      expect(least.assumed).toBe(true);
      for (const powerKw of [50, 250, 400, 50_000]) {
        for (const mounting of ['rigid', 'flexible'] as const) {
          const known = severityOf(1, { machineClass, powerKw, mounting }, 3000);
          for (const [i, limit] of known?.limitsMmS.entries() ?? []) {
            expect(limit).toBeGreaterThanOrEqual(least.limitsMmS[i]!);
          }
        }
      }
    }
  });

  test('an unknown class, a missing size and a machine beyond the scope are said', () => {
    const noteOf = (facts: DiagnosisFacts, rpm = 1480) => {
      const { severity, note } = judgeSeverity(3, facts, rpm);
      return { zone: severity?.zone ?? null, assumed: severity?.assumed ?? null, note: note && say([note]).en };
    };
    expect(noteOf({ machineClass: 'centrifuge', powerKw: 75, mounting: 'rigid' })).toMatchObject({
      ...{ zone: 'C', assumed: true, note: expect.stringContaining('no part is held for the class centrifuge') },
    });
    expect(noteOf({}).note).toContain('the mounting is unknown, power and shaft height are unknown');
    const none = { zone: null, assumed: null };
    expect(noteOf({ ...pump, powerKw: 0.7 })).toEqual({
      ...{ ...none, note: 'ISO 10816-7:2009 is for machines above 1 kW; this one has 0.7 kW' },
    });
    expect(noteOf({ powerKw: 75, mounting: 'rigid' }, 300)).toMatchObject(none);
    expect(noteOf({ machineClass: 'compressor', powerKw: 75, mounting: 'rigid' }).note).toContain('rotary compressor');
    expect(noteOf({ powerKw: 75, mounting: 'rigid' }).note).toBeNull();
  });

  test('what a part leaves to another standard gets no zone of it', () => {
    const of = (facts: DiagnosisFacts, rpm: number) => judgeSeverity(9, facts, rpm).severity?.zone ?? null;
    const fan = { machineClass: 'fan', mounting: 'flexible' } as const;
    expect([of({ ...fan, powerKw: 90 }, 1480), of({ ...fan, powerKw: 400 }, 1480)]).toEqual([null, 'C']);
    expect(of({ ...fan, powerKw: 90, mounting: 'rigid' }, 1480)).toBe('D');
    const turbine = { machineClass: 'steam_turbine', mounting: 'rigid' } as const;
    expect([of({ ...turbine, powerKw: 50_000 }, 3000), of({ ...turbine, powerKw: 50_000 }, 5400)]).toEqual([null, 'D']);
    expect(of({ ...turbine, powerKw: 20_000 }, 3000)).toBe('D');
  });
});

describe('shaft faults need a baseline or a severe zone', () => {
  const baseline = baselineOf(observe(HEALTHY));
  const grown = (lines: Record<number, number>, axis = 'radial') => ({
    state: observe({ ...HEALTHY, lines }, { axis }),
  });

  test.each([
    ['unbalance', { 1: 2.6, 2: 0.2, 3: 0.1 }],
    ['misalignment', { 1: 0.6, 2: 2.2, 3: 0.4 }],
    ['looseness', { 0.5: 0.6, 1: 1.8, 1.5: 0.6, 2: 1.4, 3: 1.1, 4: 0.9, 5: 0.7 }],
  ] as const)('%s over the baseline', (fault, lines) => {
    const { state } = grown(lines);
    const diagnosis = diagnose(state, FACTS, baseline);
    expect(diagnosis.fault, say(diagnosis.reason).en).toBe(fault);
  });

  test('without a baseline the same unbalance in zone B is not named, in zone D it is', () => {
    expect(diagnose(grown({ 1: 2.4 }).state, FACTS).fault).toBeNull();
    expect(diagnose(grown({ 1: 6.5, 2: 0.3 }).state, FACTS).fault).toBe('unbalance');
  });

  test('the baseline itself accuses of nothing', () => {
    expect(diagnose(observe({ ...HEALTHY, seed: 77 }), FACTS, baseline).fault).toBeNull();
  });

  test('gear mesh sidebands that grew', () => {
    const facts = { ...FACTS, gearTeeth: 31 };
    const run = (lines: Record<number, number>) => {
      const samples = simulate({ ...HEALTHY, lines, noiseG: 0.02 });
      let state = emptyState();
      for (let i = 0; i + BLOCK <= samples.length; i += BLOCK) {
        const block = {
          samples: samples.subarray(i, i + BLOCK),
          samplingRateHz: 12_000,
          unit: 'g' as const,
          speedRpm: 1772,
        };
        state = accumulate(state, analyseBlock(block, facts));
      }
      return state;
    };
    const sound = run({ 1: 0.5, 31: 0.3, 30: 0.02, 32: 0.02 });
    const before = baselineOf(sound);
    const after = run({ 1: 0.5, 31: 0.4, 29: 0.1, 30: 0.2, 32: 0.2, 33: 0.1 });
    expect(diagnose(after, facts, before).fault).toBe('gear');
    // Without a past, sidebands as no sound gear has them accuse at lower confidence; a sound gear's do not.
    expect(diagnose(after, facts)).toMatchObject({ fault: 'gear', confidence: 0.4 });
    expect(diagnose(sound, facts).fault).toBeNull();
  });
});

describe('quality', () => {
  const samples = simulate({ ...HEALTHY, seconds: 1.4 }).subarray(0, BLOCK);
  const judge = (change: object, facts: DiagnosisFacts = FACTS) =>
    analyseBlock({ samples, samplingRateHz: 12_000, unit: 'g', speedRpm: 1772, ...change }, facts);

  test('good data has no flags and a velocity near what was put in', () => {
    const analysis = judge({});
    expect(analysis.quality.flags).toEqual([]);
    expect(analysis.velocityRmsMmS).toBeGreaterThan(0.54);
    expect(analysis.velocityRmsMmS).toBeLessThan(0.75);
    expect(analysis.severity).toMatchObject({ zone: 'A', part: 'ISO 20816-3:2022', assumed: false });
    expect(analysis.shaft.find((line) => line.order === 1)!.rmsMmS).toBeCloseTo(0.5, 1);
  });

  test.each([
    ['non-finite', { samples: Float32Array.from(samples, (x, i) => (i === 9 ? Number.NaN : x)) }],
    ['non-finite', { samples: Float32Array.from(samples, (x, i) => (i === 9 ? Number.POSITIVE_INFINITY : x)) }],
    ['flat-line', { samples: new Float32Array(BLOCK).fill(0.2) }],
    ['too-short', { samples: samples.subarray(0, 900) }],
    ['too-short', { samples: new Float32Array(0) }],
    ['implausible-sampling-rate', { samplingRateHz: 1e12 }],
    ['implausible-sampling-rate', { samplingRateHz: Number.NaN }],
    ['implausible-sampling-rate', { samplingRateHz: -12_000 }],
    ['stopped', { speedRpm: 0 }],
  ])('%s makes a block unusable, and the memory refuses it', (flag, change) => {
    const analysis = judge(change);
    expect(analysis.quality.flags).toContain(flag);
    expect(analysis.quality.usable).toBe(false);
    const state = accumulate(emptyState(), analysis);
    expect(state).toMatchObject({ blocks: 0, refused: 1 });
    expect(diagnose(state, FACTS)).toMatchObject({ fault: null, cannotTell: true });
  });

  test('clipping and an implausible speed are flagged, the block stays usable', () => {
    const clipped = judge({ samples: samples.map((x) => Math.max(-0.06, Math.min(0.06, x))) });
    expect(clipped.quality).toMatchObject({ flags: ['clipping'], usable: true });
    const fast = judge({ speedRpm: 9e9 });
    expect(fast.quality).toMatchObject({ flags: ['implausible-speed'], usable: true });
    expect(fast.speedRpm).toBeNull();
  });

  test('zones follow the table of the group and mounting', () => {
    expect(severityOf(3, { powerKw: 75, mounting: 'rigid' }, 1480)).toMatchObject({ zone: 'C', group: 2 });
    expect(severityOf(3, { powerKw: 400, mounting: 'flexible' }, 1480)).toMatchObject({ zone: 'A', group: 1 });
    expect(severityOf(3, { powerKw: 11 }, 1480)).toBeNull();
    expect(severityOf(3, {}, 60)).toBeNull();
    // 160 kW flexible by shaft height: group 1 from 315 mm on.
    const tall = { powerKw: 160, shaftHeightMm: 315, mounting: 'flexible' } as const;
    expect(severityOf(7.2, tall, 1480)).toMatchObject({ zone: 'C', group: 1, limitsMmS: [3.5, 7.1, 11] });
    expect(severityOf(7.2, { ...tall, shaftHeightMm: 280 }, 1480)).toMatchObject({ zone: 'D', group: 2 });
  });
});

describe('blocks that follow one another', () => {
  /** Its outer race order lies so near to 3× that one block cannot tell them apart. */
  const NEAR_SHAFT: DiagnosisFacts = { ...FACTS, bearingOrders: { bpfo: 3.026, bpfi: 4.974, ftf: 0.3783, bsf: 1.99 } };
  const impacts = { order: 3.026, heightG: 0.4, slip: 0.001 };

  /** The machine's blocks, each `gapMs` after the end of the one before; `note` as the worker does. */
  const follow = (machine: SimulatedMachine, facts = FACTS, gapMs = 0, speedScale = 1): DiagnosisState => {
    const samples = simulate(machine);
    let state = emptyState();
    for (let i = 0, n = 0; i + BLOCK <= samples.length; i += BLOCK, n++) {
      const startNs = 1_790_000_000_000_000_000n + BigInt(Math.round((i / 12 + n * gapMs) * 1e6));
      const block = { samples: samples.subarray(i, i + BLOCK), samplingRateHz: 12_000, unit: 'g' as const, startNs };
      const speedRpm = machine.rpm * speedScale;
      state = noteRun(accumulate(state, analyseBlock({ ...block, speedRpm }, facts)), facts);
    }
    return state;
  };

  test('show a fault that blocks apart do not', () => {
    const machine = { ...HEALTHY, impacts };
    expect(diagnose(follow(machine, NEAR_SHAFT, 60_000), NEAR_SHAFT).fault).toBeNull();
    for (const speedScale of [0.99, 1, 1.01]) {
      const { fault, reason } = diagnose(follow(machine, NEAR_SHAFT, 0, speedScale), NEAR_SHAFT);
      expect(fault, say(reason).en).toBe('outer');
      expect(say(reason).en).toContain('without a gap');
    }
  });

  test('healthy machines of 25 seeds: nothing is named', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const { fault, reason } = diagnose(follow({ ...HEALTHY, seed }), FACTS);
      expect(fault, say(reason).en).toBeNull();
    }
  });

  test('blows at the cage rate are put down to the cage, noise that swells with it to a rolling element', () => {
    const cage = { order: ORDERS_6205.ftf, heightG: 1.5, slip: 0.001 };
    const struck = diagnose(follow({ ...HEALTHY, impacts: cage }), FACTS);
    expect(struck.fault, say(struck.reason).en).toBe('cage');
    const turnRad = (2 * Math.PI * ORDERS_6205.ftf * HEALTHY.rpm) / 60 / HEALTHY.samplingRateHz;
    const swelling = simulate(HEALTHY).map((x, i) => x * (0.4 + 2 * Math.max(0, Math.cos(turnRad * i)) ** 3));
    let state = emptyState();
    for (let i = 0; i + BLOCK <= swelling.length; i += BLOCK) {
      const startNs = BigInt(Math.round((i / HEALTHY.samplingRateHz) * 1e9));
      const samples = swelling.subarray(i, i + BLOCK);
      const block = { samples, samplingRateHz: HEALTHY.samplingRateHz, unit: 'g' as const, speedRpm: HEALTHY.rpm };
      state = accumulate(state, analyseBlock({ ...block, startNs }, FACTS));
    }
    const swelled = diagnose(state, FACTS);
    expect(swelled.fault, say(swelled.reason).en).toBe('ball');
    expect(swelled.rejected).toContainEqual({ fault: 'cage', reason: finding('cage-row-short') });
  });

  test('a gap begins another run, a millisecond of a coarse clock does not', () => {
    const { run: joined } = follow(HEALTHY, FACTS, 1);
    const { run: apart } = follow(HEALTHY, FACTS, 50);
    expect(joined!.blocks).toBeGreaterThanOrEqual(7);
    expect(apart!.blocks).toBe(1);
    expect(joined!.packed.length / joined!.rateHz).toBeCloseTo(joined!.seconds, 2);
  });

  test('a run is bounded, survives storage, and hears a fault that begins in a long stream', () => {
    const machine = { ...HEALTHY, seconds: 28 };
    let state = follow(machine, NEAR_SHAFT);
    const { run } = state;
    expect(run!.packed.length).toBe(16_384);
    const back = decodeState(encodeState(state));
    expect(back.run).toEqual(run);
    expect(encodeState(back)).toEqual(encodeState(state));
    const samples = simulate({ ...HEALTHY, seconds: 10, seed: 9, impacts });
    for (let i = 0; i + BLOCK <= samples.length; i += BLOCK) {
      const startNs = BigInt(Math.round(state.run!.endMs * 1e6));
      const block = { samples: samples.subarray(i, i + BLOCK), samplingRateHz: 12_000, unit: 'g' as const, startNs };
      state = noteRun(accumulate(state, analyseBlock({ ...block, speedRpm: machine.rpm }, NEAR_SHAFT)), NEAR_SHAFT);
    }
    expect(diagnose(state, NEAR_SHAFT).fault).toBe('outer');
  });
});

describe('memory', () => {
  test('survives storage with the same verdict, and is bounded', () => {
    const machine = { ...HEALTHY, impacts: { order: ORDERS_6205.bpfo, heightG: 0.6 } };
    const state = observe(machine);
    const bytes = encodeState(state);
    expect(bytes.length).toBeLessThan(12_000);
    const back = decodeState(bytes);
    expect(diagnose(back, FACTS)).toMatchObject({ fault: 'outer', blocks: state.blocks });
    expect(encodeState(back)).toEqual(bytes);
    expect(() => decodeState(bytes.subarray(0, 100))).toThrow(/delete it/);
  });

  test('a block is never changed by what comes after, nor a state by accumulating', () => {
    const samples = simulate(HEALTHY);
    const first = analyseBlock({ samples: samples.subarray(0, BLOCK), samplingRateHz: 12_000, unit: 'g' }, FACTS);
    const copy = structuredClone(first);
    const state = emptyState();
    accumulate(
      state,
      analyseBlock({ samples: samples.subarray(BLOCK, 2 * BLOCK), samplingRateHz: 12_000, unit: 'g' }, FACTS),
    );
    expect(first).toEqual(copy);
    expect(state).toEqual(emptyState());
  });

  test('the reference engine gives the same analysis', () => {
    const samples = simulate({ ...HEALTHY, seconds: 1.4 }).subarray(0, BLOCK);
    const block = { samples, samplingRateHz: 12_000, unit: 'g' as const, speedRpm: 1772 };
    const [fast, exact] = [analyseBlock(block, FACTS), analyseBlock(block, FACTS, float64Engine)];
    expect(fast.velocityRmsMmS! / exact.velocityRmsMmS!).toBeCloseTo(1, 5);
    for (const [i, value] of exact.envelope.values.entries()) {
      expect(Math.abs(fast.envelope.values[i]! - value)).toBeLessThan(0.01 + 0.01 * value);
    }
  });

  test('a new strong fault is named after a long healthy past', () => {
    let state = observe({ ...HEALTHY, seconds: 50 });
    const samples = simulate({ ...HEALTHY, seconds: 5.6, impacts: { order: ORDERS_6205.bpfo, heightG: 1.5 } });
    for (let i = 0; i + BLOCK <= samples.length; i += BLOCK) {
      const block = {
        samples: samples.subarray(i, i + BLOCK),
        samplingRateHz: 12_000,
        unit: 'g' as const,
        speedRpm: 1772,
      };
      state = accumulate(state, analyseBlock(block, FACTS));
    }
    expect(diagnose(state, FACTS).fault).toBe('outer');
  });
});
