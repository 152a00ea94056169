import { GROWN, LINE_SNR, type ShaftLevels } from './shaftLevels.ts';
import { meshOrders } from './shaftLines.ts';
import type { StateElectric } from './state.ts';
import type { DiagnosisFacts, Harmonic, ShaftFault } from './types.ts';

/** What became of one hypothesis: the lines that prove it, or why it was rejected. */
export interface Tested {
  readonly fault: ShaftFault;
  readonly proof: { readonly harmonics: readonly Harmonic[]; readonly sidebands: readonly Harmonic[] } | null;
  readonly why: string;
  /** Its signs are there, and cannot be told from another fault's. */
  readonly open?: boolean | undefined;
}

const WHOLE = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const HALVES = [0.5, 1.5, 2.5, 3.5] as const;
/** Without a baseline a line must carry this share of the velocity to stand for all of it. */
const CARRIES = { unbalance: 0.8, misalignment: 0.6, electrical: 0.6 } as const;
/** Without a baseline: mean of the first sidebands over the gear mesh. A sound gear's modulation stays far below. */
const MESH_SIDEBANDS = 0.3;
/** Share of the blocks in which the mains' line must have been told, or left open. */
const MOSTLY = 0.6;
/** Pole-pass sidebands that stand out, dB. */
const SIDEBANDS_DB = 10;

type Hypothesis = (levels: ShaftLevels, facts: DiagnosisFacts) => Tested;

/** In the order in which they are asked: looseness before its 1× and 2× are put down to others, the mains before 2×. */
export const SHAFT_HYPOTHESES: readonly Hypothesis[] = [gear, looseness, electrical, misalignment, unbalance];

function gear(levels: ShaftLevels, { gearTeeth: mesh }: DiagnosisFacts): Tested {
  if (mesh === undefined) return rejected('gear', 'no gear is entered for this shaft');
  const bands = meshOrders(mesh).filter((order) => order !== mesh);
  const standing = bands.filter((order) => levels.snr(order) >= LINE_SNR);
  if (levels.snr(mesh) === 0) return rejected('gear', 'the mesh lies beyond what the sensor or the block can show');
  const proof = { harmonics: [levels.harmonic(mesh)], sidebands: bands.map(levels.harmonic) };
  if (levels.known !== null) {
    // Gear lines lie high and carry little velocity, so their growth alone counts, not their level.
    // What lifts all noise, as a bearing's blows do, lifts the sidebands with it and is no sign of the gear.
    const needed = GROWN * Math.max(1, levels.noiseGrowth);
    const grown = standing.filter((order) => (levels.growth(order) ?? 0) >= needed);
    const why = `${grown.length} of 4 shaft sidebands of the gear mesh have grown ${needed.toFixed(1)}-fold`;
    return grown.length >= 3 ? { fault: 'gear', proof, why } : rejected('gear', `${why}, 3 needed`);
  }
  const share = (levels.rms(mesh - 1) + levels.rms(mesh + 1)) / 2 / Math.max(levels.rms(mesh), 1e-9);
  const why = `the mesh's first sidebands reach ${percent(share)} of it, ${standing.length} of 4 stand out`;
  const isDamaged = levels.snr(mesh) >= LINE_SNR && standing.length >= 3 && share >= MESH_SIDEBANDS;
  return isDamaged
    ? { fault: 'gear', proof, why }
    : rejected('gear', `${why}; ${percent(MESH_SIDEBANDS)} and 3 needed`);
}

function looseness(levels: ShaftLevels): Tested {
  const whole = WHOLE.filter(levels.accused);
  const halves = HALVES.filter(levels.accused);
  const why = `${whole.length} multiples and ${halves.length} half orders of the shaft stand out`;
  const isLoose = whole.length >= 5 || (whole.length >= 2 && halves.length >= 2);
  if (!isLoose) return rejected('looseness', `${why}; 5 multiples, or 2 and 2, needed`);
  return { fault: 'looseness', proof: { harmonics: [...halves, ...whole].map(levels.harmonic), sidebands: [] }, why };
}

function electrical(levels: ShaftLevels): Tested {
  const lines = levels.state.electric ?? [];
  if (lines.length === 0) return rejected('electrical', 'no mains frequency fits the speed of the shaft');
  const loudest = lines.reduce((a, b) => (b.meanSquare > a.meanSquare ? b : a));
  const { rmsMmS, growth, accused } = levels.electric(loudest);
  const level = `twice the mains (${2 * loudest.lineHz} Hz) is ${rmsMmS.toFixed(2)} mm/s${times(growth)}`;
  if (!accused) return rejected('electrical', notAccused(level, levels));
  if (loudest.mains < MOSTLY) {
    const open = loudest.unclear + loudest.mains >= MOSTLY;
    const why = open
      ? `${level}, and blocks this short cannot tell it from ${loudest.multiple}× of the shaft: take longer blocks`
      : `the peak near ${2 * loudest.lineHz} Hz is ${loudest.multiple}× of the shaft`;
    return { fault: 'electrical', proof: null, why, open };
  }
  if (levels.known === null && rmsMmS < CARRIES.electrical * levels.velocityMmS) {
    return rejected('electrical', `${level} of ${levels.velocityMmS.toFixed(2)} mm/s in all`);
  }
  return { fault: 'electrical', proof: proofOf(loudest, levels), why: `${level}${ofRotor(loudest)}` };
}

function misalignment(levels: ShaftLevels): Tested {
  const [first, second] = [levels.rms(1), levels.rms(2)];
  const axial = levels.state.sensorAxis === 'axial';
  const level = `2× is ${second.toFixed(2)} mm/s beside ${first.toFixed(2)} mm/s at 1×`;
  if (!levels.accused(2)) return rejected('misalignment', notAccused(`${level}${times(levels.growth(2))}`, levels));
  const merged = (levels.state.electric ?? []).find(
    ({ multiple, unclear, mains }) => multiple === 2 && unclear + mains >= MOSTLY,
  );
  if (merged !== undefined && levels.electric(merged).accused) {
    const why = `${level}, but that may be twice the mains (${2 * merged.lineHz} Hz)`;
    return { fault: 'misalignment', proof: null, why, open: true };
  }
  if (!(second >= first || (axial && second >= 0.5 * first))) return rejected('misalignment', `${level}: 1× leads`);
  if (levels.known === null && levels.share(2) < CARRIES.misalignment) {
    return rejected('misalignment', `${level}, of ${levels.velocityMmS.toFixed(2)} mm/s in all`);
  }
  return { fault: 'misalignment', proof: { harmonics: [1, 2, 3].map(levels.harmonic), sidebands: [] }, why: level };
}

function unbalance(levels: ShaftLevels): Tested {
  const level = `1× is ${levels.rms(1).toFixed(2)} mm/s of ${levels.velocityMmS.toFixed(2)} mm/s in all`;
  if (!levels.accused(1)) return rejected('unbalance', notAccused(`${level}${times(levels.growth(1))}`, levels));
  if (levels.rms(2) >= 0.5 * levels.rms(1)) return rejected('unbalance', `${level}, but 2× is more than half of it`);
  if (levels.known === null && levels.share(1) < CARRIES.unbalance) return rejected('unbalance', level);
  return { fault: 'unbalance', proof: { harmonics: [1, 2].map(levels.harmonic), sidebands: [] }, why: level };
}

function rejected(fault: ShaftFault, why: string): Tested {
  return { fault, proof: null, why };
}

function notAccused(level: string, { known, zone }: ShaftLevels): string {
  if (known !== null) return `${level}; growth to ${GROWN} times needed`;
  return `${level} in zone ${zone ?? 'unknown'}; without a baseline a line accuses in zone C or D only`;
}

function times(growth: number | null): string {
  return growth === null ? '' : `, ${growth.toFixed(1)} times its baseline`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function proofOf(line: StateElectric, levels: ShaftLevels): NonNullable<Tested['proof']> {
  const shaftHz = (levels.state.speedRpm ?? 0) / 60;
  const at = (hz: number, snrDb: number): Harmonic => ({ order: shaftHz > 0 ? hz / shaftHz : 0, hz, snrDb });
  const { polePassHz, sidebandDb, hz } = line;
  const sidebands =
    polePassHz === null || sidebandDb === null
      ? []
      : [at(hz - polePassHz, sidebandDb), at(hz + polePassHz, sidebandDb)];
  return { harmonics: [at(hz, 10 * Math.log10(Math.max(1e-6, line.snr)))], sidebands };
}

function ofRotor({ sidebandDb }: StateElectric): string {
  if (sidebandDb === null) return '; the blocks are too short to show pole-pass sidebands';
  return sidebandDb >= SIDEBANDS_DB
    ? ', with pole-pass sidebands: look at the rotor'
    : ', without pole-pass sidebands: look at stator, air gap and supply';
}
