/** Centre and spread of each column; a constant column has spread 1, so that it stays 0 and not NaN. */
export interface Standard {
  readonly centre: Float64Array;
  readonly spread: Float64Array;
}

/**
 * Mean and standard deviation of each column.
 *
 * @param rows at least one, all of the same width
 */
export function standardOf(rows: readonly Float32Array[]): Standard {
  const width = rows[0]!.length;
  const centre = new Float64Array(width);
  const spread = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) centre[i]! += row[i]! / rows.length;
  for (const row of rows) for (let i = 0; i < width; i++) spread[i]! += (row[i]! - centre[i]!) ** 2 / rows.length;
  for (let i = 0; i < width; i++) {
    const deviation = Math.sqrt(spread[i]!);
    // Rounding leaves a residue of a constant column, which would be blown up to noise.
    spread[i] = deviation > 1e-7 * Math.max(1, Math.abs(centre[i]!)) ? deviation : 1;
  }
  return { centre, spread };
}

export function standardised(row: Float32Array, { centre, spread }: Standard): Float64Array {
  return Float64Array.from(row, (value, i) => (value - centre[i]!) / spread[i]!);
}

/**
 * The nine deciles of each column, by which drift is measured later.
 *
 * @returns shape (width, 9), ascending
 */
export function decilesOf(rows: readonly ArrayLike<number>[]): number[][] {
  const width = rows[0]!.length;
  return Array.from({ length: width }, (_, i) => {
    const column = Float64Array.from(rows, (row) => row[i]!).sort();
    return Array.from({ length: 9 }, (_, d) => {
      const at = ((d + 1) / 10) * (column.length - 1);
      const low = Math.floor(at);
      const value = column[low]! + (at - low) * ((column[low + 1] ?? column[low]!) - column[low]!);
      return Number(value.toPrecision(7));
    });
  });
}
