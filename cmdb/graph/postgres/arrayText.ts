/**
 * Arrays as PostgreSQL writes them, for parameters of very many elements: the driver's own way takes several times as
 * long, for it looks at each element's type and replaces twice in each.
 */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

/** Of values that need no quoting: numbers and UUIDs. */
export function plainArray(values: readonly (string | number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Of values that mostly nobody tells; empty when none is told, for unnest fills a short array up. */
export function sparseArray(values: readonly (string | undefined)[]): string {
  return values.every((value) => value === undefined) ? '{}' : textArray(values.map((value) => value ?? null));
}

function quoted(value: string): string {
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
}
