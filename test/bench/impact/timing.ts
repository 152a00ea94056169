import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long something took, over many tries; ms. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** How many were asked. */
  readonly count: number;
}

export function spread(tookMs: readonly number[]): Spread {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1)!, count: sorted.length };
}

/** No row is asked for longer: with a large graph fewer questions make it. */
const LONGEST_MS = 15_000;

/** How long each took, in order, of as many as there was time for. */
export function timed<T>(items: readonly T[], work: (item: T) => unknown): number[] {
  const tookMs: number[] = [];
  const untilMs = performance.now() + LONGEST_MS;
  for (const item of items) {
    const start = performance.now();
    if (start > untilMs) break;
    work(item);
    tookMs.push(performance.now() - start);
  }
  return tookMs;
}

export async function timedAsync<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<Spread> {
  const tookMs: number[] = [];
  const untilMs = performance.now() + LONGEST_MS;
  for (const item of items) {
    const start = performance.now();
    if (start > untilMs) break;
    await work(item);
    tookMs.push(performance.now() - start);
  }
  return spread(tookMs);
}

export function inWords(name: string, { p50, p95, max, count }: Spread): string {
  return `${name}: p50 ${rounded(p50)} ms, p95 ${rounded(p95)} ms, max ${rounded(max)} ms (${count} asked)`;
}

export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function seconds(ms: number): string {
  return `${rounded(ms / 1000)} s`;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory that is held once garbage is gone; MB. */
export function settledMb(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

const startedMs = performance.now();

/** Says on the console what is begun, and after how long. */
export function progress(what: string): void {
  console.log(`  … ${seconds(performance.now() - startedMs)}: ${what}`);
}
