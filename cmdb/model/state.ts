/** What a CI can do right now, from best to worst. */
export const CI_STATES = ['ok', 'degraded', 'down'] as const;
export type CiState = (typeof CI_STATES)[number];

/** A state that is told of: a CI that is ok is no news. */
export type FailedState = Exclude<CiState, 'ok'>;
