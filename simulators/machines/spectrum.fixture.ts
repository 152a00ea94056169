import FFT from 'fft.js';

/** Amplitude spectrum of a signal whose length is a power of two, Hann window, one-sided. */
export interface Spectrum {
  amplitude: Float64Array;
  binHz: number;
}

export function amplitudeSpectrum(signal: ArrayLike<number>, samplingRateHz: number): Spectrum {
  const size = signal.length;
  const fft = new FFT(size);
  const windowed = Array.from({ length: size }, (_, i) => signal[i]! * (1 - Math.cos((2 * Math.PI * i) / size)));
  const out = fft.createComplexArray() as number[];
  fft.realTransform(out, windowed);
  const amplitude = new Float64Array(size / 2);
  for (let bin = 0; bin < size / 2; bin++) amplitude[bin] = (2 / size) * Math.hypot(out[2 * bin]!, out[2 * bin + 1]!);
  return { amplitude, binHz: samplingRateHz / size };
}

/** Spectrum of the squared envelope above a corner frequency: analytic signal by FFT, low part removed. */
export function envelopeSpectrum(signal: ArrayLike<number>, samplingRateHz: number, aboveHz: number): Spectrum {
  const size = signal.length;
  const fft = new FFT(size);
  const spectrum = fft.createComplexArray() as number[];
  fft.transform(spectrum, fft.toComplexArray(Array.from(signal), fft.createComplexArray()));
  const firstBin = Math.ceil((aboveHz * size) / samplingRateHz);
  for (let bin = 0; bin < size; bin++) {
    const kept = bin >= firstBin && bin < size / 2 ? 2 : 0;
    spectrum[2 * bin]! *= kept;
    spectrum[2 * bin + 1]! *= kept;
  }
  const analytic = fft.createComplexArray() as number[];
  fft.inverseTransform(analytic, spectrum);
  const squared = Float64Array.from({ length: size }, (_, i) => analytic[2 * i]! ** 2 + analytic[2 * i + 1]! ** 2);
  const mean = squared.reduce((sum, value) => sum + value, 0) / size;
  return amplitudeSpectrum(
    squared.map((value) => value - mean),
    samplingRateHz,
  );
}

/** How far a line stands above its surroundings: highest bin within ±1 % over the median of ±15 %. */
export function lineSnr({ amplitude, binHz }: Spectrum, hz: number): number {
  const peakIn = (low: number, high: number) =>
    amplitude.subarray(Math.floor(low / binHz), Math.ceil(high / binHz) + 1);
  const around = Float64Array.from(peakIn(hz * 0.85, hz * 1.15)).sort();
  return Math.max(...peakIn(hz * 0.99, hz * 1.01)) / around[around.length >> 1]!;
}

/** Velocity RMS in 10 … 1000 Hz of an acceleration in g, mm/s: each line divided by 2πf. */
export function velocityRmsMmS(samplesG: ArrayLike<number>, samplingRateHz: number): number {
  const { amplitude, binHz } = amplitudeSpectrum(samplesG, samplingRateHz);
  let sum = 0;
  for (let bin = Math.ceil(10 / binHz); bin * binHz <= 1000; bin++) {
    sum += ((amplitude[bin]! * 9806.65) / (2 * Math.PI * bin * binHz)) ** 2 / 2;
  }
  // A Hann window spreads each line's power over 1.5 bins.
  return Math.sqrt(sum / 1.5);
}

export function rms(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! ** 2;
  return Math.sqrt(sum / samples.length);
}
