/** A predictor's coefficients are integers over this power of two, so that decoding repeats encoding bit by bit. */
export const COEFFICIENT_BITS = 12;
const ONE = 1 << COEFFICIENT_BITS;
const MOST = 32_767;
/** Coefficients of a predictor; a ninth gains less than a hundredth on recorded bearings. */
export const ORDER = 8;

/**
 * Coefficients of the linear predictor of a stretch: sample i is about Σ c[j]·x[i−1−j] / 2^12. Autocorrelation method with
 * the Levinson–Durbin recursion (Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63, 1975).
 *
 * @param samples integers, in doubles for speed
 * @returns `ORDER` integers, or none where a stretch has no energy or its predictor does not fit the number format
 */
export function predictorOf(samples: Float64Array): Int16Array {
  const none = new Int16Array(0);
  if (samples.length <= 2 * ORDER) return none;
  const correlation = correlationOf(samples);
  if (correlation[0] === 0) return none;
  let error = correlation[0]! * (1 + 1e-9); // a pure tone would leave none
  const weights = new Float64Array(ORDER);
  for (let i = 0; i < ORDER; i++) {
    let sum = correlation[i + 1]!;
    for (let j = 0; j < i; j++) sum -= weights[j]! * correlation[i - j]!;
    const reflection = sum / error;
    for (let j = 0, k = i - 1; j <= k; j++, k--) {
      const [left, right] = [weights[j]!, weights[k]!];
      weights[j] = left - reflection * right;
      weights[k] = right - reflection * left;
    }
    weights[i] = reflection;
    error *= 1 - reflection * reflection;
    if (!(error > 0)) return none;
  }
  const coefficients = new Int16Array(ORDER);
  for (let j = 0; j < ORDER; j++) {
    const scaled = Math.round(weights[j]! * ONE);
    if (Math.abs(scaled) > MOST) return none;
    coefficients[j] = scaled;
  }
  return coefficients;
}

/** Autocorrelation at the lags 0 to `ORDER`, in one pass. */
function correlationOf(x: Float64Array): Float64Array {
  let [r0, r1, r2, r3, r4, r5, r6, r7, r8] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = ORDER; i < x.length; i++) {
    const v = x[i]!;
    r0 += v * v;
    r1 += v * x[i - 1]!;
    r2 += v * x[i - 2]!;
    r3 += v * x[i - 3]!;
    r4 += v * x[i - 4]!;
    r5 += v * x[i - 5]!;
    r6 += v * x[i - 6]!;
    r7 += v * x[i - 7]!;
    r8 += v * x[i - 8]!;
  }
  return Float64Array.of(r0, r1, r2, r3, r4, r5, r6, r7, r8);
}

/**
 * What the predictor leaves of a stretch; its first samples, which have too few before them, stay as they are.
 * Sums stay below 2^53 (8 × 2^15 × 2^24), so that doubles hold them exactly and decoding finds the same ones.
 *
 * @param coefficients `ORDER` of them
 */
export function residualOf(x: Float64Array, coefficients: Int16Array, into: Int32Array): void {
  const [c0, c1, c2, c3, c4, c5, c6, c7] = coefficients as unknown as Eight;
  for (let i = 0; i < ORDER; i++) into[i] = x[i]!;
  for (let i = ORDER; i < x.length; i++) {
    const sum =
      c0 * x[i - 1]! +
      c1 * x[i - 2]! +
      c2 * x[i - 3]! +
      c3 * x[i - 4]! +
      c4 * x[i - 5]! +
      c5 * x[i - 6]! +
      c6 * x[i - 7]!;
    into[i] = x[i]! - Math.floor((sum + c7 * x[i - 8]! + ONE / 2) / ONE);
  }
}

/** The samples again, from what the predictor left of them. */
export function restored(residual: Int32Array, coefficients: Int16Array, x: Float64Array): void {
  const [c0, c1, c2, c3, c4, c5, c6, c7] = coefficients as unknown as Eight;
  for (let i = 0; i < ORDER; i++) x[i] = residual[i]!;
  for (let i = ORDER; i < residual.length; i++) {
    const sum =
      c0 * x[i - 1]! +
      c1 * x[i - 2]! +
      c2 * x[i - 3]! +
      c3 * x[i - 4]! +
      c4 * x[i - 5]! +
      c5 * x[i - 6]! +
      c6 * x[i - 7]!;
    x[i] = residual[i]! + Math.floor((sum + c7 * x[i - 8]! + ONE / 2) / ONE);
  }
}

type Eight = [number, number, number, number, number, number, number, number];
