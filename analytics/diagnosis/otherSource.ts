import { type Finding, finding } from './finding.ts';
import { type CombFit, fitComb, logAt, type OrderSpectrum } from './orderSpectrum.ts';
import type { BearingFault } from './types.ts';

/** Beyond the search for speed error and slip: a comb whose best fit lies here belongs to another part. */
const BEYOND = 0.02;
const BEYOND_LEAD = Math.log(1.15);
/** Share of a suspect's level at which lines between its harmonics show that its fundamental is a multiple. */
const BETWEEN_SHARE = 0.7;
/** Line widths about a shaft order in which a carrier cannot be seen itself, and what its other sidebands must reach. */
const HIDDEN = 3;
const MIRROR_SHARE = 0.35;

/**
 * Looks for a simpler reading of the lines that a bearing fault would explain: a neighbouring machine's bearing, or a
 * wrong geometry, puts strong combs near the suspect's orders by accident.
 *
 * @param spectrum pre-whitened, of true orders
 * @param order    the suspect's nominal order
 * @param fit      its best fit
 * @param shaft    true shaft speed over reported speed
 * @param carrierLead ln by which a carrier must outshine the suspect, whose own sidebands may lie where a carrier would
 * @returns what the lines are instead, or null when the suspect's reading is the simplest
 * @remarks O(scales).
 */
export function otherSource(
  spectrum: OrderSpectrum,
  fault: BearingFault,
  order: number,
  fit: CombFit,
  shaft: number,
  low: number,
  high: number,
  carrierLead = 0,
): Finding | null {
  const wider = fitComb(spectrum, order, low - BEYOND, high + BEYOND);
  if (wider.score > fit.score + BEYOND_LEAD) {
    return finding('fits-other-order', { order: order * wider.scale });
  }
  const defect = order * fit.scale;
  for (const k of [-2, -1, 1, 2]) {
    const carrier = defect + k * shaft;
    if (carrier <= shaft) continue;
    const narrow = spectrum.resolution / (2 * carrier);
    if (fitComb(spectrum, carrier, 1 - narrow, 1 + narrow).score > fit.score + carrierLead) {
      return finding('shaft-sideband', { order: carrier });
    }
  }
  // A race has sidebands of its own at the shaft's rate, which would be taken for the mirror; a ball's lie at the cage's.
  for (const k of fault === 'ball' ? [-1, 1] : []) {
    const carrier = defect + k * shaft;
    const hidden = Math.abs(carrier - shaft * Math.round(carrier / shaft)) < HIDDEN * spectrum.resolution;
    if (carrier <= 2 * shaft || !hidden) continue;
    // What a shaft order hides shows by the sidebands on its other side.
    const mirror =
      (logAt(spectrum, carrier + k * shaft) +
        logAt(spectrum, 2 * carrier - k * shaft) +
        logAt(spectrum, 2 * carrier + k * shaft)) /
      3;
    if (mirror > MIRROR_SHARE * fit.score) {
      return finding('hidden-sideband', { order: carrier });
    }
  }
  // A ball that strikes one race only shows its spin frequency, half of its defect order, and is a ball fault still.
  const halves = (logAt(spectrum, defect / 2) + logAt(spectrum, 1.5 * defect)) / 2;
  if (halves > (fault === 'ball' ? fit.score + BEYOND_LEAD : BETWEEN_SHARE * fit.score)) {
    return finding('multiple-of-order', { order: defect / 2 });
  }
  const thirds = (logAt(spectrum, defect / 3) + logAt(spectrum, (2 * defect) / 3)) / 2;
  return thirds > BETWEEN_SHARE * fit.score ? finding('multiple-of-order', { order: defect / 3 }) : null;
}
