/** Tones and noise, the same on every machine. */
export function waveform(size: number): Float64Array {
  let state = 20_816;
  return Float64Array.from({ length: size }, (_, i) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.sin(0.37 * i) + 0.5 * Math.cos(1.9 * i) + state / 2_147_483_647 - 0.5;
  });
}
