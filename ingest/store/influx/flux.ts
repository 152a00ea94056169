/** Text that is Flux already; everything else put into a query becomes a literal. */
export class Flux {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type FluxValue = string | bigint | number | Flux | readonly Flux[];

/**
 * Writes a query. Strings become string literals, bigints become times (nanoseconds since the epoch), numbers stay
 * numbers; no value can become anything else, whatever it holds.
 */
export function flux(parts: TemplateStringsArray, ...values: FluxValue[]): Flux {
  let text = parts[0]!;
  for (const [i, value] of values.entries()) text += literal(value) + parts[i + 1]!;
  return new Flux(text);
}

/** Several pieces one after another, such as the terms of a condition. */
export function joined(pieces: readonly Flux[], separator: string): Flux {
  return new Flux(pieces.map((piece) => piece.text).join(separator));
}

function literal(value: FluxValue): string {
  if (value instanceof Flux) return value.text;
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value === 'bigint') return `time(v: ${value})`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error(`not a whole number for Flux: ${value}`);
    return String(value);
  }
  return value.map((piece) => piece.text).join('\n');
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t', $: '\\x24' };

/** `$` is written by its code, so that no `${…}` is ever interpolated. */
function stringLiteral(value: string): string {
  return `"${value.replace(/[\\"\n\r\t$]/g, (sign) => ESCAPES[sign]!)}"`;
}

/** Earliest and latest instants of InfluxDB, some nanoseconds inside its own limits. */
export const EARLIEST_NS = -9_223_372_036_854_775_000n;
export const LATEST_NS = 9_223_372_036_854_775_000n;

/** Keeps a time within what InfluxDB can express. */
export function clamped(timeNs: bigint): bigint {
  if (timeNs < EARLIEST_NS) return EARLIEST_NS;
  return timeNs > LATEST_NS ? LATEST_NS : timeNs;
}
