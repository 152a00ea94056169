export { type Band, bandLevels, octaveBands } from './bands.ts';
export { realCepstrum } from './cepstrum.ts';
export { type ComplexDft64, complexDft64 } from './complexFft64.ts';
export { naturalSpline, type Spline } from './cubicSpline.ts';
export { fastEngine } from './engines.ts';
export { type EnvelopePlan, envelopePlan } from './envelope.ts';
export { analyticSignal, type ComplexSignal, prewhiten, squaredEnvelopeSpectrum } from './envelopeReference.ts';
export { dspErrors } from './errors.ts';
export { fastSize } from './fastSize.ts';
export type { FftEngine, FftPlan, Samples } from './fftPlan.ts';
export { float64Engine } from './float64Engine.ts';
export { integrate } from './integration.ts';
export { type BandKurtosis, impulsiveBand, kurtogram } from './kurtogram.ts';
export { type FloorPlan, floorPlan } from './noiseFloor.ts';
export {
  type AngularSignal,
  angularResample,
  type SynchronousAverage,
  synchronousAverage,
} from './orderTracking.ts';
export { emptyFeatures, type TimeFeatures, timeFeatures } from './timeFeatures.ts';
export { hannPower, STANDARD_GRAVITY, VELOCITY_BAND_HZ, velocityRms, velocityRmsOfBins } from './velocity.ts';
export { bandRms, type Psd, type WelchPlan, welchPlan } from './welch.ts';
export { type WindowName, window, windowEnergy } from './windows.ts';
