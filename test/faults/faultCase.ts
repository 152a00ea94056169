import type { Random } from '../../simulators/machines/index.ts';
import type { TestDatabase } from '../engines/postgres.ts';

/** `short` fits CI (all cases in about five minutes); `long` is as `reliability.md` words it, hours over all cases. */
export type Scale = 'short' | 'long';

/** What one case found out. */
export interface FaultRow {
  /** Number of the case, as in README.md. */
  case: string;
  /** What was done to it, with its numbers, e.g. `200 × kill -9`. */
  injected: string;
  /** Samples (or records, where there are no samples) that had been promised by a PUBACK. */
  acknowledged: number;
  /** Promised, and neither in the store nor in quarantine nor in the spool; or there with another value. */
  lost: number;
  /** Found more than once; counted once for each time too many. */
  doubled: number;
  /** The longest that a publisher (or a reader) had to wait after a fault until things went on; null: nothing stopped. */
  slowestRecoveryMs: number | null;
  note?: string;
}

/** A telemetry store that a case can take away and give back. */
export interface BreakableStore {
  readonly name: string;
  /** What the platform needs to store there. */
  readonly env: Readonly<Record<string, string>>;
  gone(run: { readonly pg: TestDatabase | undefined }): Promise<void>;
  back(run: { readonly pg: TestDatabase | undefined }): Promise<void>;
}

/** Starts a store for one case; what it started ends with the case. */
export type StartStore = (atEnd: (undo: () => unknown) => void) => Promise<BreakableStore>;

/** What a case is given: how much to do, from which seed, and where to leave its evidence. */
export interface FaultRig {
  readonly scale: Scale;
  readonly seed: string;
  /** Numbers drawn from the seed and the case: the same faults at every run of the same seed. */
  readonly random: Random;
  /** A folder of the case's own. Removed when the case succeeds, kept as evidence when it does not. */
  readonly folder: string;
  /** Environment that every platform of the case starts with: which store, which broker. */
  readonly env: Readonly<Record<string, string>>;
  /** Where readings are stored, to be taken away and given back. */
  readonly store: BreakableStore;
  pick<T>(short: T, long: T): T;
  /** How often to do it again: as `pick`, but never more often than the run was asked for (`--times`). */
  times(short: number, long: number): number;
  /** What the oracle found: shown even when another promise, such as a time, then does not hold. */
  found(row: FaultRow): void;
  /** How far it is, for a person who watches. */
  tell(progress: string): void;
  /** Called at the case's end, however it ends, the last one first. */
  atEnd(undo: () => unknown): void;
}

/**
 * One fault, injected into the real thing. Loss and doubling go into the row; anything else that must hold and does not
 * is thrown (`node:assert`), with what was found in the message.
 */
export interface FaultCase {
  /** Number in README.md's table; several cases may share it, told apart by `on`. */
  readonly id: string;
  /** The engine that it runs against, where that is what tells it from its namesake. */
  readonly on?: string;
  readonly title: string;
  /** The store that the case is about, whatever the run was asked for. */
  readonly store?: StartStore;
  /** A second proof of what another case proves already, for machines that give us more rights. */
  readonly optional?: true;
  /** Test files of other folders that prove it; Vitest runs those by itself, so the suite leaves the case out. */
  readonly elsewhere?: readonly string[];
  /** Why it cannot run on this machine (an engine or a right is missing), or null. In CI that is a failure, unless optional. */
  lacks?(): string | null;
  run(rig: FaultRig): Promise<FaultRow>;
}
