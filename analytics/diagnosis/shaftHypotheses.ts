import { type Finding, finding } from './finding.ts';
import { GROWN, LINE_SNR, type ShaftLevels } from './shaftLevels.ts';
import { meshOrders } from './shaftLines.ts';
import type { StateElectric } from './state.ts';
import type { DiagnosisFacts, Harmonic, ShaftFault } from './types.ts';

/** What became of one hypothesis: the lines that prove it, or why it was rejected. */
export interface Tested {
  readonly fault: ShaftFault;
  readonly proof: { readonly harmonics: readonly Harmonic[]; readonly sidebands: readonly Harmonic[] } | null;
  readonly why: Finding;
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
  if (mesh === undefined) return rejected('gear', finding('gear-not-entered'));
  const bands = meshOrders(mesh).filter((order) => order !== mesh);
  const standing = bands.filter((order) => levels.snr(order) >= LINE_SNR);
  if (levels.snr(mesh) === 0) return rejected('gear', finding('gear-out-of-reach'));
  const proof = { harmonics: [levels.harmonic(mesh)], sidebands: bands.map(levels.harmonic) };
  if (levels.known !== null) {
    // Gear lines lie high and carry little velocity, so their growth alone counts, not their level.
    // What lifts all noise, as a bearing's blows do, lifts the sidebands with it and is no sign of the gear.
    const needed = GROWN * Math.max(1, levels.noiseGrowth);
    const grown = standing.filter((order) => (levels.growth(order) ?? 0) >= needed);
    const why = finding('gear-growth', { grown: grown.length, times: needed });
    if (grown.length >= 3) return { fault: 'gear', proof, why };
    return rejected('gear', finding('gear-not-enough', { what: why, share: null }));
  }
  const share = (levels.rms(mesh - 1) + levels.rms(mesh + 1)) / 2 / Math.max(levels.rms(mesh), 1e-9);
  const why = finding('gear-sidebands', { share, standing: standing.length });
  const isDamaged = levels.snr(mesh) >= LINE_SNR && standing.length >= 3 && share >= MESH_SIDEBANDS;
  return isDamaged
    ? { fault: 'gear', proof, why }
    : rejected('gear', finding('gear-not-enough', { what: why, share: MESH_SIDEBANDS }));
}

function looseness(levels: ShaftLevels): Tested {
  const whole = WHOLE.filter(levels.accused);
  const halves = HALVES.filter(levels.accused);
  const counts = { whole: whole.length, halves: halves.length };
  const isLoose = whole.length >= 5 || (whole.length >= 2 && halves.length >= 2);
  if (!isLoose) return rejected('looseness', finding('multiples-not-enough', counts));
  const proof = { harmonics: [...halves, ...whole].map(levels.harmonic), sidebands: [] };
  return { fault: 'looseness', proof, why: finding('multiples-stand', counts) };
}

function electrical(levels: ShaftLevels): Tested {
  const lines = levels.state.electric ?? [];
  if (lines.length === 0) return rejected('electrical', finding('mains-no-frequency'));
  const loudest = lines.reduce((a, b) => (b.meanSquare > a.meanSquare ? b : a));
  const { rmsMmS, growth, accused } = levels.electric(loudest);
  const hz = 2 * loudest.lineHz;
  const level = finding('mains-level', { hz, mmS: rmsMmS, growth });
  if (!accused) return rejected('electrical', notAccused(level, levels));
  if (loudest.mains < MOSTLY) {
    const open = loudest.unclear + loudest.mains >= MOSTLY;
    const why = open
      ? finding('mains-not-told', { what: level, multiple: loudest.multiple })
      : finding('mains-is-shaft', { hz, multiple: loudest.multiple });
    return { fault: 'electrical', proof: null, why, open };
  }
  if (levels.known === null && rmsMmS < CARRIES.electrical * levels.velocityMmS) {
    return rejected('electrical', finding('of-all', { what: level, all: levels.velocityMmS }));
  }
  return {
    fault: 'electrical',
    proof: proofOf(loudest, levels),
    why: finding('mains-named', { what: level, look: whereToLook(loudest) }),
  };
}

function misalignment(levels: ShaftLevels): Tested {
  const [first, second] = [levels.rms(1), levels.rms(2)];
  const axial = levels.state.sensorAxis === 'axial';
  const level = finding('second-level', { second, first, growth: levels.growth(2) });
  if (!levels.accused(2)) return rejected('misalignment', notAccused(level, levels));
  const merged = (levels.state.electric ?? []).find(
    ({ multiple, unclear, mains }) => multiple === 2 && unclear + mains >= MOSTLY,
  );
  if (merged !== undefined && levels.electric(merged).accused) {
    const why = finding('second-may-be-mains', { what: level, hz: 2 * merged.lineHz });
    return { fault: 'misalignment', proof: null, why, open: true };
  }
  if (!(second >= first || (axial && second >= 0.5 * first))) {
    return rejected('misalignment', finding('first-leads', { what: level }));
  }
  if (levels.known === null && levels.share(2) < CARRIES.misalignment) {
    return rejected('misalignment', finding('of-all', { what: level, all: levels.velocityMmS }));
  }
  return { fault: 'misalignment', proof: { harmonics: [1, 2, 3].map(levels.harmonic), sidebands: [] }, why: level };
}

function unbalance(levels: ShaftLevels): Tested {
  const level = finding('first-level', { first: levels.rms(1), all: levels.velocityMmS, growth: levels.growth(1) });
  if (!levels.accused(1)) return rejected('unbalance', notAccused(level, levels));
  if (levels.rms(2) >= 0.5 * levels.rms(1)) {
    return rejected('unbalance', finding('second-is-more-than-half', { what: level }));
  }
  if (levels.known === null && levels.share(1) < CARRIES.unbalance) return rejected('unbalance', level);
  return { fault: 'unbalance', proof: { harmonics: [1, 2].map(levels.harmonic), sidebands: [] }, why: level };
}

function rejected(fault: ShaftFault, why: Finding): Tested {
  return { fault, proof: null, why };
}

function notAccused(what: Finding, { known, zone }: ShaftLevels): Finding {
  return known === null ? finding('not-severe', { what, zone }) : finding('not-grown', { what, needed: GROWN });
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

/** Pole-pass sidebands come of the rotor's bars. */
function whereToLook({ sidebandDb }: StateElectric): 'longer blocks' | 'rotor' | 'stator' {
  if (sidebandDb === null) return 'longer blocks';
  return sidebandDb >= SIDEBANDS_DB ? 'rotor' : 'stator';
}
