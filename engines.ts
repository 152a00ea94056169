import { join } from 'node:path';
import type { Neo4jSettings } from './cmdb/index.ts';
import { type InfluxTelemetryStore, influxTelemetryStore, type Objects, openObjects } from './ingest/index.ts';
import type { Clock, Config, Database, Logger } from './platform/index.ts';

/** Where parts of large blocks wait, and for how long. */
export function partsOf(config: Config) {
  return {
    directory: join(config.DATA_DIR, 'parts'),
    limitBytes: config.PARTS_MAX_BYTES,
    limits: { expireAfterMs: config.PARTS_EXPIRE_MS, maxBlockBytes: config.WAVEFORM_MAX_BLOCK_BYTES },
  };
}

/** The Neo4j that follows the dependency graph, where there is one. */
export function neo4jIn(config: Config): { settings: Neo4jSettings; loadFrom: boolean } | undefined {
  if (!config.NEO4J_URL) return undefined;
  return {
    settings: {
      url: config.NEO4J_URL,
      user: config.NEO4J_USER,
      password: config.NEO4J_PASSWORD ?? '',
      database: config.NEO4J_DATABASE,
    },
    loadFrom: config.GRAPH_LOAD_FROM === 'neo4j',
  };
}

/** The InfluxDB that readings live in; null when it is the database. */
export function influxIn(
  config: Config,
  deps: { db: Database; clock: Clock; log: Logger },
): InfluxTelemetryStore | null {
  if (!config.INFLUX_URL) return null;
  return influxTelemetryStore({
    ...deps,
    settings: {
      url: config.INFLUX_URL,
      org: config.INFLUX_ORG,
      token: config.INFLUX_TOKEN ?? '',
      bucket: config.INFLUX_BUCKET,
      rawDays: config.TELEMETRY_RETENTION_DAYS,
      rollupDays: config.TELEMETRY_ROLLUP_RETENTION_DAYS,
    },
  });
}

/** The bucket that samples of waveforms live in; null when it is the database. */
export async function objectsIn(config: Config): Promise<Objects | null> {
  const { S3_URL: url, S3_ACCESS_KEY: accessKey = '', S3_SECRET_KEY: secretKey = '', S3_REGION: region } = config;
  return url === undefined ? null : openObjects({ url, accessKey, secretKey, region });
}
