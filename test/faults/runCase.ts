import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../simulators/machines/index.ts';
import type { FaultCase, FaultRow, Scale, StartStore } from './faultCase.ts';
import { postgresStore } from './stores.ts';

export interface RunOptions {
  scale: Scale;
  seed: string;
  /** At most so many repetitions of what a case does again and again. */
  times?: number;
  /** Default: PostgreSQL. */
  store?: StartStore;
  env?: Readonly<Record<string, string>>;
  /** Where evidence folders are made; absent: the machine's folder for temporary files. */
  evidence?: string;
  tell?: (progress: string) => void;
}

/** How a case went. */
export interface CaseResult {
  name: string;
  title: string;
  row: FaultRow | null;
  /** What did not hold; null when everything did and nothing was lost or doubled. */
  failure: string | null;
  elapsedMs: number;
  /** The case's folder, kept because it failed. */
  evidence: string | null;
}

/** The case's number, and its engine where several share one. */
export function nameOf(one: Pick<FaultCase, 'id' | 'on'>): string {
  return one.on === undefined ? one.id : `${one.id} ${one.on}`;
}

/** Runs one case and clears up behind it. Never rejects: what goes wrong is the result. */
export async function runCase(one: FaultCase, options: RunOptions): Promise<CaseResult> {
  const name = nameOf(one);
  const parent = options.evidence ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `faultline-case-${name.replace(/\W+/g, '-')}-`));
  chmodSync(folder, 0o711); // PostgreSQL, which runs as another user under root, has its files in here
  const undo: (() => unknown)[] = [];
  const startedMs = performance.now();
  let row: FaultRow | null = null;
  let failure: string | null = null;
  const pick = <T>(short: T, long: T): T => (options.scale === 'short' ? short : long);
  const atEnd = (step: () => unknown) => void undo.push(step);
  try {
    const store = await (one.store ?? options.store ?? postgresStore)(atEnd);
    row = await one.run({
      scale: options.scale,
      seed: options.seed,
      random: new Random(options.seed, name),
      folder,
      env: { ...store.env, ...options.env },
      store,
      pick,
      times: (short, long) => Math.min(pick(short, long), options.times ?? Number.POSITIVE_INFINITY),
      found: (found) => {
        row = found;
      },
      tell: options.tell ?? (() => undefined),
      atEnd,
    });
    failure = verdictOf(row);
  } catch (error) {
    failure = (error as Error).stack ?? String(error);
  }
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      failure ??= `clearing up: ${(error as Error).stack}`;
    }
  }
  if (failure === null) rmSync(folder, { recursive: true, force: true });
  const elapsedMs = performance.now() - startedMs;
  return { name, title: one.title, row, failure, elapsedMs, evidence: failure === null ? null : folder };
}

function verdictOf(row: FaultRow): string | null {
  if (row.lost > 0 || row.doubled > 0)
    return `${row.lost} lost, ${row.doubled} doubled of ${row.acknowledged}${row.note ? `: ${row.note}` : ''}`;
  return row.acknowledged > 0 ? null : 'nothing was acknowledged, so nothing is proved';
}
