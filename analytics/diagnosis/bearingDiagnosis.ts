import { BEARING_FAULTS, combReach, defectOrder, sidebandOrder } from './bearing.ts';
import { type CombFit, fitComb, logAt, type OrderSpectrum, orderSpectrum, withoutFamily } from './orderSpectrum.ts';
import { otherSource } from './otherSource.ts';
import { lockShaft } from './shaftLock.ts';
import type { BearingFault, BearingOrders, Harmonic, Rejection } from './types.ts';

/** Averaged envelopes on orders of the reported (or estimated) speed. */
export interface BearingInput {
  readonly whitened: Float32Array;
  readonly levelled: Float32Array;
  readonly step: number;
  readonly resolution: number;
  /** Independent blocks averaged. */
  readonly weight: number;
  readonly shaftHz: number;
}

export interface BearingVerdict {
  readonly fault: BearingFault | null;
  readonly confidence: number;
  readonly harmonics: readonly Harmonic[];
  readonly sidebands: readonly Harmonic[];
  readonly rejected: readonly Rejection[];
  /** A fault was suspected and neither named nor cleared. */
  readonly undecided: boolean;
  readonly reason: string;
}

interface Candidate {
  readonly fault: BearingFault;
  readonly order: number;
  /** ln of the geometric-mean power over the floor: whitened, and levelled at the whitened fit's scale. */
  readonly whitened: CombFit;
  readonly levelled: CombFit;
}

/** A reported speed is wrong by up to 1 %; slip and contact angle move a defect order by up to 0.8 % more. */
const REACH = 0.018;
/** Wider lines than this (blocks under four revolutions) merge a defect's lines with the shaft's. */
const MAX_RESOLUTION = 0.26;

/** Normal quantile behind the threshold: about 1 in 10^6 a trial, some hundred trials a verdict. */
const QUANTILE = 4.6;
/**
 * However long the record, a pattern must rise this far over the floor. Race lines must rise further: a damaged ball
 * marks both races, so weak race lines accompany a ball fault, and weak ball lines accompany nothing else.
 */
const LEAST = { inner: Math.log(3.5), outer: Math.log(3.5), ball: Math.log(2.2), cage: Math.log(3.5) } as const;
/** Lead over every other bearing fault, and over combs where nothing should be. */
const LEAD = Math.log(1.5);
const SURROGATE_LEAD = Math.log(1.2);
/** At least two harmonics must stand by themselves; one strong line is a coincidence. */
const SECOND_HARMONIC = Math.log(1.8);
/** Support by the levelled envelope, which sees weaker faults and is fooled more easily. */
const SUPPORTED = { whitened: Math.log(1.8), levelled: Math.log(8), lead: Math.log(3) } as const;

/**
 * ln of the geometric mean of three averaged noise bins that noise exceeds once in 10^6: fitted to simulated sums of
 * exponential noise, within 3 % for 1 to 48 blocks.
 * @example Math.exp(threshold(1)) // ≈ 5.8;  Math.exp(threshold(7)) // ≈ 2.4;  Math.exp(threshold(24)) // ≈ 1.7
 */
export function threshold(weight: number): number {
  return (QUANTILE * (1 - 0.34 / Math.sqrt(weight))) / Math.sqrt(3 * weight);
}

/**
 * Names the bearing fault whose harmonics stand out of the pre-whitened envelope, or says why none is named.
 *
 * A fault is convicted when the geometric mean of its three first harmonics exceeds (1) what noise reaches in so many
 * blocks, (2) every other bearing fault, (3) every surrogate comb laid where no known part turns, and if no other order explains
 * the lines more simply. Shaft orders and what they leak are excluded. The search allows for speed error and slip on one scale common to all harmonics.
 *
 * @remarks O(cells + combs·scales). Confidence is below 0.5 where the whitened envelope alone would not convict.
 * @see P. Borghesani et al., Mech. Syst. Signal Process. 36 (2013) 370-384; W. Smith, R. Randall, ibid. 64 (2015) 100-131
 */
export function diagnoseBearing(input: BearingInput, orders: BearingOrders): BearingVerdict {
  if (input.resolution > MAX_RESOLUTION) {
    return undecided('The blocks hold fewer than four shaft revolutions; send longer blocks.');
  }
  const lock = lockShaft(input.levelled, input.step, input.resolution);
  // The lock serves to exclude shaft orders only. Where a defect's own lines mislead it, it must not narrow the search.
  const [low, high] = [1 - REACH, 1 + REACH];
  const cells = Math.ceil(combReach(orders) / input.step);
  const prepare = (power: Float32Array) => orderSpectrum(power, input.step, input.resolution, lock.scale, cells);
  const whitened = prepare(input.whitened);
  const levelled = prepare(input.levelled);

  const candidates = BEARING_FAULTS.map((fault): Candidate => {
    const order = defectOrder(fault, orders);
    return {
      fault,
      order,
      whitened: fitComb(whitened, order, low, high),
      levelled: fitComb(levelled, order, low, high),
    };
  });
  const best = candidates.reduce((a, b) => (b.whitened.score > a.whitened.score ? b : a));
  const others = candidates.filter((candidate) => candidate !== best);
  const surrogates = surrogateOrders(orders);
  const surrogate = (spectrum: OrderSpectrum, fit: CombFit) => {
    const rest = withoutFamily(spectrum, best.order * fit.scale, lock.scale);
    return Math.max(0, ...surrogates.map((order) => fitComb(rest, order, low, high).score));
  };

  const limit = Math.max(threshold(input.weight), LEAST[best.fault]);
  const teeth = [1, 2, 3].map((h) => logAt(whitened, h * best.order * best.whitened.scale)).sort((a, b) => b - a);
  const rivalWhitened = Math.max(...others.map((candidate) => candidate.whitened.score));
  const rivalLevelled = Math.max(...others.map((candidate) => candidate.levelled.score));
  const { score } = best.whitened;
  const support = best.levelled.score;

  const convicted =
    score >= limit &&
    score >= rivalWhitened + LEAD &&
    teeth[1]! >= SECOND_HARMONIC &&
    score >= surrogate(whitened, best.whitened) + SURROGATE_LEAD;
  const supported =
    !convicted &&
    score >= SUPPORTED.whitened &&
    support >= SUPPORTED.levelled &&
    support >= rivalLevelled + SUPPORTED.lead &&
    Math.abs(best.whitened.scale - best.levelled.scale) <= Math.max(0.004, input.resolution / best.order) &&
    support >= surrogate(levelled, best.levelled) + LEAD;
  const other =
    convicted || supported ? otherSource(whitened, best.fault, best.order, best.whitened, lock.scale, low, high) : null;
  const named = (convicted || supported) && other === null;
  const detail = (candidate: Candidate) =>
    `${ratio(candidate.whitened.score)} times the noise floor over three harmonics, ${ratio(limit)} needed`;

  if (!named) {
    const suspected = score >= threshold(input.weight) || support >= limit;
    return {
      ...undecided(
        other !== null
          ? `Lines at the ${best.fault} frequency come from elsewhere: ${other}. Check the geometry and the speed.`
          : suspected
            ? `Signs of a fault of the ${best.fault} kind do not suffice: ${detail(best)}.`
            : `No bearing fault stands out of the envelope: the strongest, ${best.fault}, is ${detail(best)}.`,
      ),
      rejected: candidates.map((candidate) => ({ fault: candidate.fault, reason: detail(candidate) })),
      undecided: suspected || other !== null,
    };
  }
  const spread = input.shaftHz;
  const lineAt = (order: number): Harmonic => ({
    order,
    hz: order * spread,
    snrDb: (10 / Math.LN10) * logAt(whitened, order),
  });
  const defect = best.order * best.whitened.scale;
  const spacing = sidebandOrder(best.fault, orders) * lock.scale;
  return {
    fault: best.fault,
    confidence: convicted ? 0.5 + 0.5 * (1 - Math.exp(-(score - limit))) : 0.3 + 0.2 * (score / limit),
    harmonics: [1, 2, 3].map((h) => lineAt(h * defect)),
    sidebands: spacing === 0 ? [] : [1, 2].flatMap((h) => [lineAt(h * defect - spacing), lineAt(h * defect + spacing)]),
    rejected: others.map((candidate) => ({ fault: candidate.fault, reason: detail(candidate) })),
    undecided: false,
    reason:
      `Three harmonics of the ${best.fault} frequency stand ${ratio(score)} times over the noise of the pre-whitened ` +
      `envelope (${ratio(limit)} needed, next candidate ${ratio(rivalWhitened)})` +
      `${supported ? ', borne out by the levelled envelope' : ''}.`,
  };
}

function undecided(reason: string): BearingVerdict {
  return { fault: null, confidence: 0, harmonics: [], sidebands: [], rejected: [], undecided: true, reason };
}

function ratio(logarithm: number): string {
  return Math.exp(logarithm).toFixed(1);
}

/** Their searches, each 3.6 % wide, together leave no gap. */
const SURROGATES = 30;

/**
 * Fundamentals spread below and between the defect orders: what combs there score, once the suspect's own lines are out,
 * is what chance and machine parts nobody told us of can score.
 */
function surrogateOrders(orders: BearingOrders): number[] {
  const from = 0.6 * orders.bpfo;
  const to = 1.05 * orders.bpfi;
  return Array.from({ length: SURROGATES }, (_, i) => from * (to / from) ** (i / (SURROGATES - 1)));
}
