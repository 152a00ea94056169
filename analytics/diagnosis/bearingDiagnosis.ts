import { BEARING_FAULTS, combReach, defectOrder, sidebandOrder } from './bearing.ts';
import type { BearingVerdict } from './bearingVerdict.ts';
import { atCageRate } from './cageRate.ts';
import { type Finding, finding } from './finding.ts';
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

interface Candidate {
  readonly fault: BearingFault;
  readonly order: number;
  /** ln of the geometric-mean power over the floor of the whitened envelope. */
  readonly fit: CombFit;
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
    return undecided(finding('blocks-too-short'));
  }
  const lock = lockShaft(input.levelled, input.step, input.resolution);
  // The lock serves to exclude shaft orders only. Where a defect's own lines mislead it, it must not narrow the search.
  const [low, high] = [1 - REACH, 1 + REACH];
  const cells = Math.ceil(combReach(orders) / input.step);
  const prepare = (power: Float32Array) => orderSpectrum(power, input.step, input.resolution, lock.scale, cells);
  const whitened = prepare(input.whitened);
  const candidates = BEARING_FAULTS.map((fault): Candidate => {
    const order = defectOrder(fault, orders);
    return { fault, order, fit: fitComb(whitened, order, low, high) };
  });
  const best = candidates.reduce((a, b) => (b.fit.score > a.fit.score ? b : a));
  const others = candidates.filter((candidate) => candidate !== best);
  const rival = others.reduce((a, b) => (b.fit.score > a.fit.score ? b : a));
  const { score } = best.fit;
  // The levelled envelope is asked only where the whitened one leaves a doubt.
  let kept: OrderSpectrum | null = null;
  const levelled = () => {
    kept ??= prepare(input.levelled);
    return kept;
  };
  const supportOf = (candidate: Candidate) => fitComb(levelled(), candidate.order, low, high);
  const surrogate = (spectrum: OrderSpectrum, fit: CombFit) => {
    const rest = withoutFamily(spectrum, best.order * fit.scale, lock.scale);
    let strongest = 0;
    for (const order of surrogateOrders(orders)) {
      strongest = Math.max(strongest, fitComb(rest, order, low, high).score);
    }
    return strongest;
  };

  const limitOf = (fault: BearingFault) => Math.max(threshold(input.weight), LEAST[fault]);
  const limit = limitOf(best.fault);
  const doubt = doubtAbout(score, limit, rival, secondTooth(whitened, best), () => surrogate(whitened, best.fit));
  const convicted = doubt === null;
  const supported = () => {
    if (!(score >= SUPPORTED.whitened)) return false;
    const support = supportOf(best);
    return (
      support.score >= SUPPORTED.levelled &&
      others.every((candidate) => support.score >= supportOf(candidate).score + SUPPORTED.lead) &&
      Math.abs(best.fit.scale - support.scale) <= Math.max(0.004, input.resolution / best.order) &&
      support.score >= surrogate(levelled(), support) + LEAD
    );
  };
  const suspect = convicted || supported();
  const other = suspect ? otherSource(whitened, best.fault, best.order, best.fit, lock.scale, low, high) : null;
  const weaker = ({ fault, fit }: Candidate): Rejection => ({
    fault,
    reason:
      fit.score < limitOf(fault) ? tooWeak(fit.score, limitOf(fault)) : outshone(fit.score, best.fault, best.fit.score),
  });

  if (!suspect || other !== null) {
    const suspected = score >= threshold(input.weight) || supportOf(best).score >= limit;
    const why = other === null ? doubt! : finding('comb-elsewhere', { what: other });
    const { fault } = best;
    return {
      ...undecided(
        other !== null
          ? finding('lines-elsewhere', { fault, what: other })
          : suspected
            ? finding('signs-not-enough', { fault, why })
            : finding('none-stands-out', { fault, why, run: false }),
      ),
      rejected: candidates.map((candidate) =>
        candidate === best ? { fault: best.fault, reason: why } : weaker(candidate),
      ),
      undecided: suspected || other !== null,
    };
  }
  const spread = input.shaftHz;
  const lineAt = (order: number): Harmonic => ({
    order,
    hz: order * spread,
    snrDb: (10 / Math.LN10) * logAt(whitened, order),
  });
  const defect = best.order * best.fit.scale;
  const spacing = sidebandOrder(best.fault, orders) * lock.scale;
  const verdict: BearingVerdict = {
    fault: best.fault,
    confidence: convicted ? 0.5 + 0.5 * (1 - Math.exp(-(score - limit))) : 0.3 + 0.2 * (score / limit),
    harmonics: [1, 2, 3].map((h) => lineAt(h * defect)),
    sidebands: spacing === 0 ? [] : [1, 2].flatMap((h) => [lineAt(h * defect - spacing), lineAt(h * defect + spacing)]),
    rejected: others.map(weaker),
    undecided: false,
    reason: [
      finding('comb-stands', {
        ...{ fault: best.fault, times: Math.exp(score), needed: Math.exp(limit), next: Math.exp(rival.fit.score) },
        supported: !convicted,
      }),
    ],
  };
  return best.fault === 'cage' ? atCageRate(verdict, whitened, defect) : verdict;
}

function undecided(reason: Finding): BearingVerdict {
  const lines = { harmonics: [], sidebands: [] };
  return { fault: null, confidence: 0, ...lines, rejected: [], undecided: true, reason: [reason] };
}

/** Second-best of the three harmonics. */
function secondTooth(spectrum: OrderSpectrum, { order, fit }: Candidate): number {
  const teeth = [1, 2, 3].map((h) => logAt(spectrum, h * order * fit.scale)).sort((a, b) => b - a);
  return teeth[1]!;
}

/**
 * The first test that the strongest candidate fails; null when it passes all and is convicted.
 * The costly test of the surrogates comes last and only where the others were passed.
 */
function doubtAbout(
  score: number,
  limit: number,
  rival: Candidate,
  second: number,
  surrogate: () => number,
): Finding | null {
  if (!(score >= limit)) return tooWeak(score, limit);
  const stands = { times: Math.exp(score), run: false };
  if (!(score >= rival.fit.score + LEAD)) {
    const [rivalTimes, lead] = [Math.exp(rival.fit.score), Math.exp(LEAD)];
    return finding('comb-without-lead', { ...stands, rival: rival.fault, rivalTimes, lead });
  }
  if (!(second >= SECOND_HARMONIC)) {
    return finding('comb-of-one-line', { ...stands, second: Math.exp(second), needed: Math.exp(SECOND_HARMONIC) });
  }
  const chance = surrogate();
  if (score >= chance + SURROGATE_LEAD) return null;
  return finding('comb-by-chance', { ...stands, chance: Math.exp(chance), lead: Math.exp(SURROGATE_LEAD) });
}

function tooWeak(score: number, limit: number): Finding {
  return finding('comb-weak', { times: Math.exp(score), needed: Math.exp(limit), run: false });
}

/** Why a candidate that is strong enough by itself is not the one: its lines are few beside another's. */
function outshone(score: number, best: BearingFault, bestScore: number): Finding {
  return finding('comb-outshone', { times: Math.exp(score), best, bestTimes: Math.exp(bestScore) });
}

/** Their searches, each 3.6 % wide, together leave no gap. */
const SURROGATES = 30;

/**
 * Fundamentals spread below and between the defect orders: what combs there score, once the suspect's own lines are out,
 * is what chance and machine parts nobody told us of can score.
 */
function surrogateOrders(orders: BearingOrders): number[] {
  const from = 0.6 * orders.bpfo;
  const ratioOfNext = ((1.05 * orders.bpfi) / from) ** (1 / (SURROGATES - 1));
  const surrogates: number[] = [];
  for (let i = 0, order = from; i < SURROGATES; i++, order *= ratioOfNext) surrogates.push(order);
  return surrogates;
}
