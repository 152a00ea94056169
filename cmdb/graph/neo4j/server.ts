import neo4j, { type Driver } from 'neo4j-driver';

/** How to reach a Neo4j 5 and which of its databases to use. */
export interface Neo4jSettings {
  /** bolt://, neo4j://, or either with +s for TLS. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A server that does not answer is noticed soon: nothing of ours waits for it. */
const CONNECT_WITHIN_MS = 3_000;
const RETRY_WITHIN_MS = 5_000;

/** Connects lazily; the driver keeps its pool alive by itself. */
export function openNeo4j(settings: Neo4jSettings): Driver {
  return neo4j.driver(settings.url, neo4j.auth.basic(settings.user, settings.password), {
    userAgent: 'faultline',
    useBigInt: true,
    telemetryDisabled: true,
    connectionTimeout: CONNECT_WITHIN_MS,
    connectionAcquisitionTimeout: CONNECT_WITHIN_MS,
    maxTransactionRetryTime: RETRY_WITHIN_MS,
  });
}
