import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long something took, over many tries; ms. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export function spread(tookMs: readonly number[]): Spread {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1)! };
}

export function timed<T>(items: readonly T[], work: (item: T) => unknown): Spread {
  return spread(
    items.map((item) => {
      const start = performance.now();
      work(item);
      return performance.now() - start;
    }),
  );
}

export async function timedAsync<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<Spread> {
  const tookMs: number[] = [];
  for (const item of items) {
    const start = performance.now();
    await work(item);
    tookMs.push(performance.now() - start);
  }
  return spread(tookMs);
}

export function inWords(name: string, { p50, p95, max }: Spread): string {
  return `${name}: p50 ${rounded(p50)} ms, p95 ${rounded(p95)} ms, max ${rounded(max)} ms`;
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
