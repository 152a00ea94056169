import type { Samples } from '../dsp/fftPlan.ts';
import { hannPower } from '../dsp/velocity.ts';
import { lineVelocity, neighbourFloor } from './shaftLines.ts';
import type { ElectricLine } from './types.ts';

const MAINS_HZ = [50, 60] as const;
/** Grids keep their frequency to this share. */
const MAINS_ERROR = 0.002;
/** A peak is placed to this part of a bin. */
const PLACED_BINS = 0.35;
const SPEED_ERROR = 0.01;
/** Most slip of an induction motor at load. */
const MOST_SLIP = 0.06;
const POLES = [2, 4, 6, 8, 10, 12] as const;
/** Power over its neighbourhood from which the once-per-turn line tells the speed, 10 dB. */
const TELLS = 10;
/** Bins between the line and its sidebands that a Hann window needs. */
const APART_BINS = 4;

/**
 * The line at twice the mains frequency, which air gap and windings pull at, and whether it can be told from the multiple
 * of the shaft that always lies near: twice the mains and `poles` times the shaft differ by the slip alone.
 *
 * @param bins    packed transform of the block
 * @param shaftHz reported speed, up to 1 % wrong; sharpened by the once-per-turn line where that stands out
 * @param lineHz  mains frequency; unknown: those of 50 and 60 Hz that a motor of this speed could be fed by
 * @returns one entry for each frequency that may feed the machine
 * @remarks O(width). With `binHz` above half the slip's distance the place is `unclear`: take longer blocks.
 */
export function electricLines(
  bins: Samples,
  binHz: number,
  shaftHz: number,
  toMmS2: number,
  integrate: boolean,
  lineHz: number | undefined,
): ElectricLine[] {
  const lines: ElectricLine[] = [];
  for (const mainsHz of lineHz === undefined ? MAINS_HZ : [lineHz]) {
    const atHz = 2 * mainsHz;
    const poles = polesOf(atHz, shaftHz);
    if ((lineHz === undefined && poles === null) || atHz > (bins.length / 2 - 8) * binHz || atHz < 8 * binHz) continue;
    const reach = Math.max(2, Math.ceil((2 * MAINS_ERROR * atHz) / binHz));
    const peak = highest(bins, atHz / binHz, reach);
    const peakHz = placeOf(bins, peak) * binHz;
    const shaft = sharpened(bins, binHz, shaftHz);
    const multiple = Math.max(1, Math.round(atHz / shaft.hz));
    const atMains = Math.abs(peakHz - atHz) <= PLACED_BINS * binHz + MAINS_ERROR * atHz;
    const atShaft = Math.abs(peakHz - multiple * shaft.hz) <= PLACED_BINS * binHz + multiple * shaft.errorHz;
    const polePassHz = poles === null ? null : Math.abs(atHz - poles * shaft.hz);
    const floor = neighbourFloor(bins, peak, bins.length / 2);
    lines.push({
      lineHz: mainsHz,
      hz: peakHz,
      multiple,
      place: atMains ? (atShaft ? 'unclear' : 'mains') : atShaft ? 'shaft' : 'none',
      rmsMmS: lineVelocity(bins, peak, binHz, toMmS2, integrate),
      snrDb: floor > 0 ? 10 * Math.log10(Math.max(hannPower(bins, peak), 1e-300) / floor) : 0,
      polePassHz,
      sidebandDb: polePassHz === null ? null : sidebands(bins, binHz, peakHz, polePassHz, floor),
    });
  }
  return lines;
}

/** Poles of an induction motor that would run at this speed; null where none would. */
function polesOf(twiceMainsHz: number, shaftHz: number): number | null {
  const fits = POLES.find((poles) => {
    const slip = 1 - (shaftHz * poles) / twiceMainsHz;
    return slip >= -SPEED_ERROR && slip <= MOST_SLIP + SPEED_ERROR;
  });
  return fits ?? null;
}

function highest(bins: Samples, centre: number, reach: number): number {
  let best = Math.round(centre);
  for (let k = Math.round(centre) - reach; k <= Math.round(centre) + reach; k++) {
    if (hannPower(bins, k) > hannPower(bins, best)) best = k;
  }
  return best;
}

/** Peak between bins: of a Hann line, the ratio of the two highest amplitudes tells the place. */
function placeOf(bins: Samples, peak: number): number {
  const [below, at, above] = [peak - 1, peak, peak + 1].map((k) => Math.sqrt(hannPower(bins, k))) as [
    number,
    number,
    number,
  ];
  const side = above >= below ? above : below;
  const ratio = at > 0 ? side / at : 0.5;
  const shift = (2 * ratio - 1) / (ratio + 1);
  return peak + (above >= below ? shift : -shift);
}

function sharpened(bins: Samples, binHz: number, shaftHz: number): { hz: number; errorHz: number } {
  const centre = shaftHz / binHz;
  const reach = Math.ceil(SPEED_ERROR * centre) + 1;
  if (centre < 8 + reach) return { hz: shaftHz, errorHz: SPEED_ERROR * shaftHz };
  const peak = highest(bins, centre, reach);
  const floor = neighbourFloor(bins, peak, bins.length / 2);
  if (!(hannPower(bins, peak) > TELLS * floor)) return { hz: shaftHz, errorHz: SPEED_ERROR * shaftHz };
  return { hz: placeOf(bins, peak) * binHz, errorHz: 0.1 * binHz };
}

/** The weaker of the two pole-pass sidebands over the floor, dB; null where the block cannot part them from the line. */
function sidebands(bins: Samples, binHz: number, hz: number, polePassHz: number, floor: number): number | null {
  if (polePassHz < APART_BINS * binHz || !(floor > 0)) return null;
  const level = (at: number) => hannPower(bins, highest(bins, at / binHz, 1));
  const weaker = Math.min(level(hz - polePassHz), level(hz + polePassHz));
  return 10 * Math.log10(Math.max(weaker, 1e-300) / floor);
}
