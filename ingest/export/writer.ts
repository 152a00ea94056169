import type { Series, StoredReading } from '../store/telemetryStore.ts';

/** Where the bytes of an export go; awaited, so that no more of them is in memory than one piece. */
export type ExportSink = (bytes: Uint8Array) => Promise<void>;

/** One format of export: readings in, bytes out. */
export interface ExportWriter {
  add(series: Series, readings: readonly StoredReading[]): Promise<void>;
  finish(): Promise<void>;
}

/** 2026-03-01T12:00:00.000000001Z: all nine digits, which `Date` does not have. */
export function isoOfNs(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n - (timeNs % 1_000_000_000n < 0n ? 1n : 0n);
  const nanos = timeNs - seconds * 1_000_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${nanos.toString().padStart(9, '0')}Z`;
}
