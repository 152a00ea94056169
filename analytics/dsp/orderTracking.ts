import { naturalSpline } from './cubicSpline.ts';
import { dspErrors } from './errors.ts';
import type { Samples } from './fftPlan.ts';

/** A waveform sampled at equal angles of a shaft instead of equal times. */
export interface AngularSignal {
  /** Shape (n,), the waveform's unit. */
  readonly samples: Float64Array;
  readonly samplesPerRevolution: number;
  /** Angle of the first sample, revolutions since the first pulse. */
  readonly startRevolution: number;
}

/**
 * Samples a waveform at equal shaft angles, so that what is tied to the shaft stays a line while the speed changes.
 * Time as a function of angle is a spline through the tachometer's pulses, the waveform a spline through its samples.
 *
 * @param samples              shape (n,), sampled from time 0
 * @param samplingRateHz       finite, above 0
 * @param pulseTimesS          times of the tachometer's pulses, ascending, s, on the waveform's clock; at least 3
 * @param pulsesPerRevolution  above 0
 * @param samplesPerRevolution whole, at least 2; orders up to half of it are kept
 * @returns the part of the waveform that lies between the first and the last pulse
 * @throws {FaultlineError} DSP_RATE, DSP_LENGTH (too few pulses or samples), DSP_ORDER (pulses not ascending)
 * @remarks O(n + result). It does not filter: order content above samplesPerRevolution/2 folds, so choose it by
 *   2·highest frequency/lowest speed or filter before.
 * @see K. Fyfe, E. Munck, Mech. Syst. Signal Process. 11 (1997) 187-205
 */
export function angularResample(
  samples: Samples,
  samplingRateHz: number,
  pulseTimesS: ArrayLike<number>,
  pulsesPerRevolution: number,
  samplesPerRevolution: number,
): AngularSignal {
  if (!(samplingRateHz > 0 && Number.isFinite(samplingRateHz))) throw dspErrors.DSP_RATE({ samplingRateHz });
  if (pulseTimesS.length < 3)
    throw dspErrors.DSP_LENGTH({ what: 'The tachometer', got: pulseTimesS.length, want: 'at least 3 pulses' });
  if (!Number.isInteger(samplesPerRevolution) || samplesPerRevolution < 2)
    throw dspErrors.DSP_LENGTH({ what: 'A revolution', got: samplesPerRevolution, want: 'at least 2 samples' });
  if (!(pulsesPerRevolution > 0))
    throw dspErrors.DSP_LENGTH({ what: 'A revolution', got: pulsesPerRevolution, want: 'more than 0 pulses' });
  const revolutions = Float64Array.from(pulseTimesS, (_, i) => i / pulsesPerRevolution);
  const timeOf = naturalSpline(revolutions, pulseTimesS);
  const waveform = naturalSpline(
    Float64Array.from({ length: samples.length }, (_, i) => i / samplingRateHz),
    samples,
  );
  const endS = (samples.length - 1) / samplingRateHz;
  const out: number[] = [];
  let start: number | null = null;
  const total = Math.floor(revolutions.at(-1)! * samplesPerRevolution + 1e-9);
  for (let i = 0; i <= total; i++) {
    const revolution = i / samplesPerRevolution;
    const timeS = timeOf.at(revolution);
    if (!(timeS >= 0 && timeS <= endS)) continue;
    start ??= revolution;
    out.push(waveform.at(timeS));
  }
  return { samples: Float64Array.from(out), samplesPerRevolution, startRevolution: start ?? 0 };
}

/** A waveform split into what repeats with a shaft, and the rest. */
export interface SynchronousAverage {
  /** One period, shape (periodSamples,). */
  readonly average: Float64Array;
  /** What is left after the average is taken from every whole period, shape (periods·periodSamples,). */
  readonly residual: Float64Array;
  readonly periods: number;
}

/**
 * Time-synchronous average: the mean over whole periods of an angular signal. What turns with the shaft stays, anything
 * else falls by √periods in amplitude.
 *
 * @param angular           shape (n,), sampled at equal angles
 * @param samplesPerPeriod  samples of one revolution of the shaft (or of a gear pair's hunting period), a positive integer
 * @throws {FaultlineError} DSP_LENGTH when not even one period fits
 * @remarks O(n).
 * @see S. Braun, Mech. Syst. Signal Process. 25 (2011) 335-347
 */
export function synchronousAverage(angular: Samples, samplesPerPeriod: number): SynchronousAverage {
  const periods = Math.floor(angular.length / samplesPerPeriod);
  if (!Number.isInteger(samplesPerPeriod) || samplesPerPeriod < 1 || periods < 1)
    throw dspErrors.DSP_LENGTH({
      what: 'The angular signal',
      got: angular.length,
      want: `at least one period of ${samplesPerPeriod} samples, a whole number`,
    });
  const average = new Float64Array(samplesPerPeriod);
  for (let i = 0; i < periods * samplesPerPeriod; i++) average[i % samplesPerPeriod]! += angular[i]! / periods;
  const residual = Float64Array.from(
    { length: periods * samplesPerPeriod },
    (_, i) => angular[i]! - average[i % samplesPerPeriod]!,
  );
  return { average, residual, periods };
}
