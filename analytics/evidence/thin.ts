import type { Spectrum } from '../diagnosis/types.ts';
import type { Curve } from './card.ts';

/**
 * Thins a spectrum for drawing: each of the equal stretches up to `toHz` is represented by its highest bin, at that
 * bin's own frequency, so that no line is lost or moved.
 *
 * @param y what to draw of a value, e.g. its decibels
 */
export function thinSpectrum(
  spectrum: Spectrum,
  toHz: number,
  points: number,
  unit: string,
  y: (v: number) => number,
): Curve {
  const last = Math.min(spectrum.values.length - 1, Math.floor(toHz / spectrum.step));
  const curve: Curve = { unit, x: [], y: [] };
  if (last < 1) return curve;
  const stretches = Math.min(points, last);
  for (let i = 0; i < stretches; i++) {
    const from = 1 + Math.floor((i * last) / stretches); // bin 0 is the mean and says nothing
    const to = 1 + Math.floor(((i + 1) * last) / stretches);
    let best = from;
    for (let bin = from + 1; bin < to && bin <= last; bin++) {
      if (spectrum.values[bin]! > spectrum.values[best]!) best = bin;
    }
    curve.x.push(Number((best * spectrum.step).toFixed(2)));
    curve.y.push(Number(y(spectrum.values[best]!).toFixed(2)));
  }
  return curve;
}

/** Power as decibels, with a floor so that silence stays drawable. */
export function decibels(power: number): number {
  return 10 * Math.log10(Math.max(power, 1e-14));
}
