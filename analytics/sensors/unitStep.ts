import type { Bilingual } from '../evidence/bilingual.ts';

/** Factors between units that are mistaken for one another. */
const FACTORS = [1000, 1e6, 9.80665, 9806.65, 25.4] as const;
/** A level in another unit keeps the ratio to within this, in the natural log; noise takes its share. */
const LEVEL_TOLERANCE_LN = 0.15;
/** Readings are steadier: this share, or three of their own spreads. */
const READING_TOLERANCE = 0.02;

/** The factor that a level is off by, when it is that of a mistaken unit; null otherwise. */
export function levelFactor(ratioLn: number): number | null {
  for (const factor of FACTORS) {
    if (Math.abs(ratioLn - Math.log(factor)) < LEVEL_TOLERANCE_LN) return factor;
    if (Math.abs(ratioLn + Math.log(factor)) < LEVEL_TOLERANCE_LN) return 1 / factor;
  }
  return null;
}

/**
 * How a reading would follow from its normal by a mistaken unit; null when it would not.
 *
 * @example unitStep(5012, 5.01, 0.02, 'bar') // × 1000
 * @example unitStep(131, 55, 0.5, '°C')      // in °F
 */
export function unitStep(value: number, centre: number, spread: number, unit: string): Bilingual | null {
  const near = (expected: number, slope: number) =>
    Math.abs(value - expected) <= Math.max(READING_TOLERANCE * Math.abs(expected), 3 * spread * slope);
  // A value that its normal also reaches says nothing.
  if (Math.abs(value - centre) <= 8 * spread) return null;
  if (/^°?\s*(C|Cel|degC)$/i.test(unit) && near(centre * 1.8 + 32, 1.8) && value - centre > 15) {
    return { en: 'in °F', zh: '的华氏度值' };
  }
  if (/^°?\s*(F|degF)$/i.test(unit) && near((centre - 32) / 1.8, 1 / 1.8) && centre - value > 15) {
    return { en: 'in °C', zh: '的摄氏度值' };
  }
  if (Math.abs(centre) < 8 * spread) return null;
  for (const factor of [1000, 1e6]) {
    if (near(centre * factor, factor)) return { en: `times ${factor}`, zh: `的 ${factor} 倍` };
    if (near(centre / factor, 1 / factor)) return { en: `divided by ${factor}`, zh: `的 1/${factor}` };
  }
  return null;
}
