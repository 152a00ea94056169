import type { FailedState } from '../model/state.ts';

/** A CI that failed, by id or key. */
export interface Failure {
  readonly ciId: string;
  readonly state: FailedState;
  /** Whether it was to be expected: somebody works on it. */
  readonly planned?: boolean | undefined;
  /** When it failed, ms since 1970, where that is known. */
  readonly sinceMs?: number | undefined;
}

/** What is known of the CIs' health before the failure that is asked about. */
export interface Health {
  /** Another text whenever anything below is another. */
  readonly version: string;
  readonly notOk: readonly Failure[];
}

export const ALL_WELL: Health = { version: '0', notOk: [] };

/** Where the CIs' present health comes from; without one, all is taken to be well. */
export interface HealthSource {
  health(tenantId: string): Promise<Health>;
}

/**
 * What several say together. A CI is as bad as the worst of them says; that it was to be expected, or since when it is so,
 * counts whoever says it, the earliest time first.
 */
export function worstOf(said: readonly (readonly Failure[])[]): Failure[] {
  const all = new Map<string, Failure>();
  for (const one of said.flat()) {
    const known = all.get(one.ciId);
    all.set(one.ciId, known === undefined ? one : worse(known, one));
  }
  return [...all.values()];
}

function worse(a: Failure, b: Failure): Failure {
  const since = [a.sinceMs, b.sinceMs].filter((ms) => ms !== undefined);
  return {
    ciId: a.ciId,
    state: a.state === 'down' || b.state === 'down' ? 'down' : 'degraded',
    planned: a.planned === true || b.planned === true,
    sinceMs: since.length === 0 ? undefined : Math.min(...since),
  };
}
