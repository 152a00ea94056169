/** Why the front turns something away. */
export const REFUSALS = [
  'protocol',
  'tls',
  'certificate',
  'mqtt-version',
  'connect-too-large',
  'connect-timeout',
  'anonymous-memory',
  'memory',
  'credentials',
  'rate-limited',
  'will',
  'unavailable',
  'quota',
  'packet-too-large',
  'topic-publish',
  'topic-subscribe',
  'keep-alive',
  'revoked',
  'unknown-device',
  'retained',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Plain counters: the hot path adds to a number, the metrics read it. */
export interface FrontCounts {
  connections: number;
  messages: number;
  payloadBytes: number;
  units: number;
  refusals: Record<Refusal, number>;
}
