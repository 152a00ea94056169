/**
 * Pauses before the second, third… attempt: the first ones bridge a restart of the mail server, the last ones a night.
 * After the last pause's attempt fails, the message is given up: eight attempts in about nine hours.
 */
export const RETRY_PAUSES_MS: readonly number[] = [
  5_000,
  30_000,
  2 * 60_000,
  10 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  6 * 3_600_000,
];

/** How long to wait after the given number of failures; null when it is time to give up. */
export function retryPauseMs(failures: number): number | null {
  return RETRY_PAUSES_MS[failures - 1] ?? null;
}
