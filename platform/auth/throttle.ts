import type { Clock } from '../clock/clock.ts';

/** After `free` failures inside `forgetAfterMs`, each further one doubles the wait from `firstWaitMs` up to `maxWaitMs`. */
interface Rule {
  free: number;
  firstWaitMs: number;
  maxWaitMs: number;
}

const FORGET_AFTER_MS = 15 * 60_000;
const MAX_KEYS = 100_000;

/**
 * Who is slowed down, and how soon. The pair of account and address is strict; an account alone is lenient, so that
 * a stranger cannot lock its owner out for long; an address alone stops the spraying of one password over many accounts.
 */
export const LOGIN_RULES = {
  pair: { free: 5, firstWaitMs: 1_000, maxWaitMs: 15 * 60_000 },
  address: { free: 30, firstWaitMs: 1_000, maxWaitMs: 5 * 60_000 },
  account: { free: 50, firstWaitMs: 500, maxWaitMs: 30_000 },
} as const satisfies Record<string, Rule>;
type Scope = keyof typeof LOGIN_RULES;
const SCOPES = Object.keys(LOGIN_RULES) as Scope[];

interface Entry {
  failures: number;
  lastMs: number;
  waitUntilMs: number;
}

export interface LoginThrottle {
  /**
   * Asks to try a login. The attempt counts as a failure from this moment, so that a thousand tries at once are not
   * a thousand free tries; `succeeded` takes it back.
   */
  attempt(account: string, address: string): { waitMs: number } | { waitMs: 0; succeeded(): void };
}

/** Slows down the guessing of passwords, in the memory of this process: bounded, and forgotten when idle. */
export function createLoginThrottle(clock: Clock): LoginThrottle {
  const entries = new Map<string, Entry>();

  const find = (key: string, nowMs: number): Entry | undefined => {
    const entry = entries.get(key);
    if (entry && nowMs - entry.lastMs > FORGET_AFTER_MS) {
      entries.delete(key);
      return undefined;
    }
    return entry;
  };

  const fail = (scope: Scope, key: string, nowMs: number): void => {
    const rule = LOGIN_RULES[scope];
    const entry = find(key, nowMs) ?? { failures: 0, lastMs: nowMs, waitUntilMs: 0 };
    entry.failures++;
    entry.lastMs = nowMs;
    const beyond = entry.failures - rule.free;
    if (beyond >= 0) entry.waitUntilMs = nowMs + Math.min(rule.maxWaitMs, rule.firstWaitMs * 2 ** Math.min(beyond, 30));
    // Re-inserting keeps the map in order of use: the oldest is the first to go when it is full.
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > MAX_KEYS) entries.delete(entries.keys().next().value!);
  };

  return {
    attempt: (account, address) => {
      const nowMs = clock.nowMs();
      const keys: Record<Scope, string> = {
        pair: `pair ${account} ${address}`,
        address: `address ${address}`,
        account: `account ${account}`,
      };
      const waitMs = Math.max(...SCOPES.map((scope) => (find(keys[scope], nowMs)?.waitUntilMs ?? 0) - nowMs));
      if (waitMs > 0) return { waitMs };
      for (const scope of SCOPES) fail(scope, keys[scope], nowMs);
      return {
        waitMs: 0,
        succeeded: () => {
          entries.delete(keys.pair);
          // The address keeps its other failures: one good account must not buy an attacker fresh tries on the rest.
          for (const scope of ['address', 'account'] as const) {
            const entry = entries.get(keys[scope]);
            if (!entry) continue;
            entry.failures--;
            entry.waitUntilMs = 0;
            if (entry.failures <= 0) entries.delete(keys[scope]);
          }
        },
      };
    },
  };
}
