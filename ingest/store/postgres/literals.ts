/**
 * PostgreSQL array literals for bulk parameters. The driver's own conversion quotes each element and costs more than the
 * rest of a batch; numbers and UUIDs need no quoting.
 */
export function plainArray(values: readonly (number | bigint | string | boolean | null)[]): string {
  // join writes null as nothing, which in an array literal would be an empty element
  return `{${values.map((v) => (v === null ? 'null' : v)).join(',')}}`;
}

/** For free text: every element quoted, quotes and backslashes escaped. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((v) => (v === null ? 'null' : `"${v.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`;
}
