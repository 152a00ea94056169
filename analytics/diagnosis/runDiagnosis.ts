import { BEARING_FAULTS, combReach, defectOrder, sidebandOrder } from './bearing.ts';
import { atCageRate } from './cageRate.ts';
import { type EnvelopeRun, SPAN_HZ } from './envelopeRun.ts';
import { type Finding, finding } from './finding.ts';
import { type CombFit, fitComb, logAt, withoutFamily } from './orderSpectrum.ts';
import { otherSource } from './otherSource.ts';
import { runLines, runSpectrum } from './runSpectrum.ts';
import { estimateRunShaftHz } from './runSpeed.ts';
import type { RunVerdict } from './runVerdict.ts';
import { findShaft } from './shaftLock.ts';
import type { BearingFault, BearingOrders, Harmonic } from './types.ts';

/** Shaft revolutions and blocks from which a run is asked; before, averages say as much. */
const LEAST_REVOLUTIONS = 25;
export const LEAST_BLOCKS = 2;
/**
 * Slip lowers a defect's order, a contact angle under load raises it by less; the speed's error is known from the shaft's
 * own lines, or else comes on top.
 */
const REACH = { locked: 0.015, unlocked: 0.023 } as const;
/** Above this share of a reach only what is twice as clear is believed. */
const LIKELY_UP = 0.6;
const UNLIKELY = Math.log(2);

/**
 * ln of the geometric mean of three harmonics over the floor. Chance reaches 5 to 8 in one spectrum of this many lines.
 * An inner race must rise further: its defect passes the load each turn and is loud, and a ball that is damaged leaves
 * weak marks on the inner race first.
 */
const LEAST = { inner: Math.log(30), outer: Math.log(15), ball: Math.log(8), cage: Math.log(10) } as const;
/** Below so many revolutions lines rise less over the noise, a defect's own as well as a mark's. */
const FULL_REVOLUTIONS = 65;
const leastOf = (fault: BearingFault, revolutions: number) =>
  fault !== 'inner'
    ? LEAST[fault]
    : Math.max(LEAST.outer, LEAST.inner + Math.min(0, Math.log(revolutions / FULL_REVOLUTIONS)));
/** Lead over every fault of another part. A damaged ball marks both races at once. */
const LEAD = Math.log(2.2);
/** A real carrier outshines its second and third sidebands by far. */
const CARRIER_LEAD = Math.log(2);
const SURROGATE_LEAD = Math.log(1.2);
const SECOND_HARMONIC = Math.log(5);
/** From here a fault that is not proven still forbids naming another. */
const LEANING = Math.log(8);

const SURROGATES = 30;

interface Candidate {
  readonly fault: BearingFault;
  readonly order: number;
  readonly fit: CombFit;
}

/** Faults of one part: a damaged ball changes the load once a cage turn, so both may show. */
const isSamePart = (a: BearingFault, b: BearingFault) =>
  a === 'inner' || a === 'outer' ? a === b : b === 'ball' || b === 'cage';

/**
 * Names the fault whose harmonics stand out of one spectrum of the whole run.
 *
 * @param shaftHz reported or estimated speed
 * @returns null where the run is too short to say more than averages do
 */
export function diagnoseRun(run: EnvelopeRun, shaftHz: number, orders: BearingOrders): RunVerdict | null {
  if (run.blocks < LEAST_BLOCKS || run.seconds * shaftHz < LEAST_REVOLUTIONS) return null;
  const spectrum = runSpectrum(run, combReach(orders) * shaftHz, 2 * shaftHz);
  const step = spectrum.binHz / shaftHz;
  const resolution = spectrum.lineHz / shaftHz;
  const shaft = findShaft(spectrum.power, step, resolution);
  const reach = shaft.locked ? REACH.locked : REACH.unlocked;
  const [low, high] = [shaft.scale * (1 - reach), shaft.scale * (1 + reach)];
  const lines = runLines(spectrum, shaftHz, shaft.scale);
  const candidates = BEARING_FAULTS.map((fault): Candidate => {
    const order = defectOrder(fault, orders);
    return { fault, order, fit: fitComb(lines, order, low, high) };
  });
  const best = candidates.reduce((a, b) => (b.fit.score > a.fit.score ? b : a));
  const { score, scale } = best.fit;
  // What lies on the suspect's own sidebands speaks for no other.
  const rest = withoutFamily(lines, best.order * scale, shaft.scale);
  // A ball's own sidebands lie at the cage's rate: what stands a turn of the shaft away may be a race's carrier.
  const own = best.fault === 'ball' ? withoutFamily(lines, best.order * scale, shaft.scale, 0) : rest;
  const rival = candidates
    .filter(({ fault }) => !isSamePart(best.fault, fault))
    .map(({ fault, order }) => ({ fault, score: fitComb(own, order, low, high).score }))
    .reduce((a, b) => (b.score > a.score ? b : a));
  const teeth = [1, 2, 3].map((h) => logAt(lines, h * best.order * scale)).sort((a, b) => b - a);
  const stands = { times: Math.exp(score), run: true };
  const isUnlikely = scale > shaft.scale * (1 + LIKELY_UP * reach);
  const least = leastOf(best.fault, run.seconds * shaftHz) + (isUnlikely ? UNLIKELY : 0);
  const doubt = (): Finding | null => {
    if (score < least) return finding('comb-weak', { ...stands, needed: Math.exp(least) });
    if (score < rival.score + LEAD) {
      const [rivalTimes, lead] = [Math.exp(rival.score), Math.exp(LEAD)];
      return finding('comb-without-lead', { ...stands, rival: rival.fault, rivalTimes, lead });
    }
    if (teeth[1]! < SECOND_HARMONIC) {
      const [second, needed] = [Math.exp(teeth[1]!), Math.exp(SECOND_HARMONIC)];
      return finding('comb-of-one-line', { ...stands, second, needed });
    }
    const chance = Math.max(...surrogateOrders(orders).map((order) => fitComb(rest, order, low, high).score));
    if (score < chance + SURROGATE_LEAD) {
      return finding('comb-by-chance', { ...stands, chance: Math.exp(chance), lead: Math.exp(SURROGATE_LEAD) });
    }
    const other = otherSource(lines, best.fault, best.order, best.fit, shaft.scale, low, high, CARRIER_LEAD);
    return other === null ? null : finding('comb-elsewhere', { what: other });
  };
  const why = doubt();
  const leaning = score >= LEANING ? best.fault : null;
  const share = Math.exp(score - least);
  const rejected = candidates
    .filter((candidate) => candidate !== best || why !== null)
    .map((candidate) => ({
      fault: candidate.fault,
      reason: candidate === best ? why! : finding('comb-in-run', { times: Math.exp(candidate.fit.score) }),
    }));
  if (why !== null) {
    const reason =
      leaning === null
        ? finding('none-stands-out', { fault: best.fault, why, run: true })
        : finding('signs-not-enough', { fault: best.fault, why });
    return {
      fault: null,
      confidence: 0,
      harmonics: [],
      sidebands: [],
      rejected,
      undecided: leaning !== null,
      reason: [reason],
      leaning,
      share,
    };
  }
  const lineAt = (order: number): Harmonic => ({
    order,
    hz: order * shaftHz,
    snrDb: (10 / Math.LN10) * logAt(lines, order),
  });
  const defect = best.order * scale;
  const spacing = sidebandOrder(best.fault, orders) * shaft.scale;
  const verdict: RunVerdict = {
    fault: best.fault,
    confidence: 0.5 + 0.5 * (1 - Math.exp(least - score)),
    harmonics: [1, 2, 3].map((h) => lineAt(h * defect)),
    sidebands: spacing === 0 ? [] : [1, 2].flatMap((h) => [lineAt(h * defect - spacing), lineAt(h * defect + spacing)]),
    rejected,
    undecided: false,
    reason: [
      finding('comb-stands-in-run', {
        ...{ fault: best.fault, times: Math.exp(score), needed: Math.exp(least), next: Math.exp(rival.score) },
        seconds: run.seconds,
      }),
    ],
    leaning,
    share,
  };
  return best.fault === 'cage' ? { ...verdict, ...atCageRate(verdict, lines, defect) } : verdict;
}

/** Without a speed, as far as a trace reaches; see `newTrace`. */
const FLOOR_HZ = 60;

/** The speed that a run shows by itself, Hz; null where it shows none. */
export function runShaftHz(run: EnvelopeRun, orders: BearingOrders, ratedRpm: number | undefined): number | null {
  const lines = runLines(runSpectrum(run, SPAN_HZ, FLOOR_HZ), 1, Number.POSITIVE_INFINITY);
  return estimateRunShaftHz(lines, orders, ratedRpm);
}

function surrogateOrders(orders: BearingOrders): number[] {
  const from = 0.6 * orders.bpfo;
  const to = 1.05 * orders.bpfi;
  return Array.from({ length: SURROGATES }, (_, i) => from * (to / from) ** (i / (SURROGATES - 1)));
}
