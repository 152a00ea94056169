import { type EnvelopeRun, extendRun } from './envelopeRun.ts';
import { extendFloor, type FloorCourse } from './highFloor.ts';
import type { BlockAnalysis, ElectricLine, Spectrum } from './types.ts';

/** Cells of the accumulated spectra. On the order axis they reach order 40, on the frequency axis 1000 Hz. */
const CELLS = 2000;
const STEP = { order: 0.02, hz: 0.5 } as const;

/**
 * Blocks that the averages remember. More would find weaker faults and be later with new ones: a strong new fault shows
 * after two or three blocks whatever the past was.
 */
const MEMORY_BLOCKS = 24;

/** One block never counts for more than this over its floor, so that a single blow to the machine cannot convict. */
const CELL_CAP = 1000;

/**
 * What is remembered of one measuring point: plain, bounded (about 16 kB), the same whatever the number of blocks.
 * Envelope power over its floor, averaged on an axis of shaft orders, where speed changes do not smear it; on an axis
 * of Hz while no speed is known.
 */
export interface DiagnosisState {
  readonly version: 1;
  readonly axis: 'order' | 'hz';
  /** Mean resolution of the blocks, in units of the axis. */
  readonly resolution: number;
  /** Independent looks averaged, at most `MEMORY_BLOCKS`; thresholds fall as this grows. */
  readonly weight: number;
  /** Blocks taken in, and blocks refused (unusable, stopped, or without the speed the others had). */
  readonly blocks: number;
  readonly refused: number;
  readonly whitened: Float32Array;
  readonly levelled: Float32Array;
  /** Mean square velocity of the shaft's lines and the power ratio of each over its neighbourhood. */
  readonly lines: readonly StateLine[];
  readonly velocityMeanSquare: number;
  /** The mains' lines; absent from a memory stored before they were kept. */
  readonly electric?: readonly StateElectric[] | undefined;
  readonly floor?: FloorCourse | null | undefined;
  readonly kurtosis?: number | undefined;
  readonly speedRpm: number | null;
  /** Direction of the sensor, while all blocks agree. */
  readonly sensorAxis: string | null;
  /** The envelope of the newest blocks, as far as they follow one another without a gap. */
  readonly run: EnvelopeRun | null;
}

export interface StateLine {
  readonly order: number;
  readonly meanSquare: number;
  readonly snr: number;
}

export interface StateElectric {
  readonly lineHz: number;
  readonly hz: number;
  readonly multiple: number;
  /** Of the peaks that may be the mains'. */
  readonly meanSquare: number;
  readonly snr: number;
  /** Shares of the blocks in which the peak was the mains', and in which it could not be told. */
  readonly mains: number;
  readonly unclear: number;
  readonly polePassHz: number | null;
  readonly sidebandDb: number | null;
}

/** Memory of a point of which nothing has been seen. */
export function emptyState(): DiagnosisState {
  return {
    version: 1,
    axis: 'order',
    resolution: 0,
    weight: 0,
    blocks: 0,
    refused: 0,
    whitened: new Float32Array(CELLS),
    levelled: new Float32Array(CELLS),
    lines: [],
    velocityMeanSquare: 0,
    speedRpm: null,
    sensorAxis: null,
    run: null,
  };
}

/** Width of one cell in units of the state's axis. */
export function cellStep(state: DiagnosisState): number {
  return STEP[state.axis];
}

/**
 * Takes one block into the memory of its point.
 *
 * @param state    what was remembered; not changed. `emptyState()` for a new point
 * @param analysis of the next block of the same point
 * @returns the new memory. Unusable and stopped blocks only count as refused. A point that starts to report its speed
 *   begins anew on the order axis; a block without speed is refused by a memory that has one.
 * @remarks O(cells). Averages decay with a memory of 24 blocks.
 */
export function accumulate(state: DiagnosisState, analysis: BlockAnalysis): DiagnosisState {
  const axis = analysis.speedRpm === null ? 'hz' : 'order';
  const refuse = !analysis.quality.usable || (state.blocks > 0 && state.axis === 'order' && axis === 'hz');
  if (refuse) return { ...state, refused: state.refused + 1 };
  const past = state.axis === axis || state.blocks === 0 ? state : emptyState();

  const binUnits = axis === 'hz' ? 1 : (analysis.speedRpm ?? 0) / 60;
  const resolution = analysis.envelope.step / binUnits;
  // A long block fills a cell with several independent bins and so is worth several short ones.
  const looks = Math.max(1, STEP[axis] / resolution);
  const weight = past.weight + looks;
  const share = Math.max(looks / weight, Math.min(1, looks / MEMORY_BLOCKS));
  const blend = (old: number, now: number) => old + (now - old) * share;
  return {
    version: 1,
    axis,
    resolution: blend(past.resolution, resolution),
    weight: Math.min(weight, Math.max(MEMORY_BLOCKS, looks)),
    blocks: past.blocks + 1,
    refused: past.refused,
    whitened: averaged(past.whitened, analysis.envelope, STEP[axis] / resolution, share),
    levelled: averaged(past.levelled, analysis.levelledEnvelope, STEP[axis] / resolution, share),
    lines: analysis.shaft.map(({ order, rmsMmS, snrDb }) => {
      const old = past.lines.find((line) => line.order === order);
      const snr = 10 ** (snrDb / 10);
      const meanSquare = rmsMmS * rmsMmS;
      if (old === undefined) return { order, meanSquare, snr };
      return { order, meanSquare: blend(old.meanSquare, meanSquare), snr: blend(old.snr, snr) };
    }),
    velocityMeanSquare: blend(past.velocityMeanSquare, (analysis.velocityRmsMmS ?? 0) ** 2),
    electric: analysis.electric.map((line) => blended(line, past.electric, blend)),
    floor: extendFloor(past.floor ?? null, analysis.highFloor),
    kurtosis: blend(past.kurtosis ?? analysis.time.kurtosis, analysis.time.kurtosis),
    speedRpm: analysis.speedRpm === null ? null : blend(past.speedRpm ?? analysis.speedRpm, analysis.speedRpm),
    sensorAxis: past.blocks === 0 || past.sensorAxis === analysis.axis ? analysis.axis : null,
    run: extendRun(past.run ?? null, analysis),
  };
}

function blended(
  line: ElectricLine,
  past: readonly StateElectric[] | undefined,
  blend: (old: number, now: number) => number,
): StateElectric {
  const { lineHz, hz, multiple, place, polePassHz, sidebandDb } = line;
  const counts = place === 'mains' || place === 'unclear';
  const now = {
    meanSquare: counts ? line.rmsMmS * line.rmsMmS : 0,
    snr: counts ? 10 ** (line.snrDb / 10) : 0,
    mains: place === 'mains' ? 1 : 0,
    unclear: place === 'unclear' ? 1 : 0,
  };
  const old = past?.find((known) => known.lineHz === lineHz) ?? now;
  return {
    ...{ lineHz, hz, multiple, polePassHz, sidebandDb },
    meanSquare: blend(old.meanSquare, now.meanSquare),
    snr: blend(old.snr, now.snr),
    mains: blend(old.mains, now.mains),
    unclear: blend(old.unclear, now.unclear),
  };
}

/** old + (spectrum on the cells − old)·share; a cell holds the mean of the bins inside it, or lies between two. */
function averaged(old: Float32Array, spectrum: Spectrum, binsPerCell: number, share: number): Float32Array {
  const out = new Float32Array(old);
  const { values } = spectrum;
  // Cells beyond the spectrum keep what they had.
  const end = Math.min(CELLS, Math.floor((values.length - 2) / binsPerCell - 0.5));
  if (binsPerCell > 1) {
    for (let c = 1; c < end; c++) {
      const centre = c * binsPerCell;
      const first = Math.ceil(centre - binsPerCell / 2);
      const last = Math.ceil(centre + binsPerCell / 2) - 1;
      let power = 0;
      for (let k = first; k <= last; k++) power += capped(values[k]!);
      out[c]! += (power / (last - first + 1) - out[c]!) * share;
    }
  } else {
    for (let c = 1; c < end; c++) {
      const centre = c * binsPerCell;
      const k = centre | 0;
      const low = capped(values[k]!);
      const power = low + (capped(values[k + 1]!) - low) * (centre - k);
      out[c]! += (power - out[c]!) * share;
    }
  }
  return out;
}

function capped(power: number): number {
  return power > CELL_CAP ? CELL_CAP : power;
}
