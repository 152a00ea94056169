import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const bytes = z.coerce.number().int().positive();
const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((v) => v === 'true' || v === '1')]);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), {
    error: `must be a URL that starts with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  });

/** The roles a process can play; a process without `--roles` plays all of them. */
export const ROLES = ['api', 'ingest', 'analytics', 'cmdb', 'ticketing', 'notify'] as const;
export type ProcessRole = (typeof ROLES)[number];

/** Every setting of the product. The key is the environment variable's name and the configuration file's key. */
const settings = z.object({
  DATA_DIR: z
    .string()
    .min(1)
    .default('.faultline')
    .describe('Folder of the spool, the secrets and the embedded database'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  HTTP_HOST: z.string().default('127.0.0.1').describe('Address that the API listens on; 0.0.0.0 for all'),
  HTTP_PORT: port.default(8080).describe('0 picks a free port'),
  PUBLIC_URL: url('http', 'https').optional().describe('Address people reach the API by; used in links of messages'),
  TRUST_PROXY: flag.default(false).describe('Believe X-Forwarded-For of a reverse proxy in front'),

  DATABASE_URL: url('postgres', 'postgresql').optional().describe('PostgreSQL 15+; absent: the embedded PostgreSQL 18'),
  REDIS_URL: url('redis', 'rediss').optional().describe('Redis 7 for the job queues; absent: PostgreSQL'),
  FAULTLINE_SECRET_KEY: z
    .string()
    .min(32)
    .optional()
    .describe('Derives the database roles’ passwords; the same in every process of one installation'),
  FAULTLINE_ADMIN_PASSWORD: z
    .string()
    .min(12, 'needs 12 to 256 characters')
    .max(256, 'needs 12 to 256 characters')
    .refine((password) => !password.toLowerCase().includes('admin'), 'must not contain the login, admin')
    .optional()
    .describe('Password of the first administrator'),

  MQTT_URL: url('mqtt', 'mqtts', 'ws', 'wss')
    .optional()
    .describe('MQTT 5 broker to take messages from; absent: the embedded broker'),
  MQTT_CA: z.string().optional().describe('PEM of who signed the certificate of MQTT_URL; usually as MQTT_CA_FILE'),
  MQTT_CLIENT_CERT: z.string().optional().describe('PEM of our certificate for MQTT_URL, if it wants one'),
  MQTT_CLIENT_KEY: z.string().optional().describe('PEM of its key'),
  MQTT_SESSION_EXPIRY_S: z.coerce
    .number()
    .int()
    .min(60)
    .max(4_294_967_295)
    .default(604_800)
    .describe('How long the broker of MQTT_URL keeps messages for a process that is away; 4294967295: for ever'),
  MQTT_SPARKPLUG: flag
    .default(true)
    .describe('Whether this process may be the Sparkplug host on the broker of MQTT_URL; of those that may, one is'),
  MQTT_WAVEFORM: flag
    .default(true)
    .describe('Whether this process may take waveform blocks from the broker of MQTT_URL; of those that may, one does'),
  MQTT_SHARED: flag
    .default(true)
    .describe(
      'Whether ingest processes share the messages of MQTT_URL; false for one process, whatever the broker keeps',
    ),
  MQTT_VENDOR_TENANT: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .default('default')
    .describe('Slug of the tenant that vendors’ topics on the broker of MQTT_URL belong to'),
  MQTT_PUBLISHER_PROPERTY: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('User property by which that broker itself tells the user name of who published to a vendor’s topic'),
  MQTT_LISTEN: flag.optional().describe('Whether the embedded broker listens; default: unless MQTT_URL is given'),
  MQTT_HOST: z.string().default('127.0.0.1').describe('Address that the broker listens on; 0.0.0.0 for all'),
  MQTT_PORT: port.default(1883).describe('0 picks a free port'),
  MQTT_TLS_PORT: port.optional().describe('MQTT over TLS; absent: none'),
  MQTT_TLS_CERT_FILE: z.string().min(1).optional().describe('Certificate chain, PEM; read again when it changes'),
  MQTT_TLS_KEY_FILE: z.string().min(1).optional().describe('Its private key, PEM'),
  MQTT_TLS_CA_FILE: z.string().min(1).optional().describe('Authorities of client certificates: mutual TLS'),
  MQTT_TLS_CLIENT_CERT: z
    .enum(['required', 'optional'])
    .default('required')
    .describe('With MQTT_TLS_CA_FILE: a client without a certificate is refused, or signs in by its password'),
  MQTT_WS_PORT: port.optional().describe('MQTT over WebSocket, path /mqtt; absent: none'),
  MQTT_WSS_PORT: port.optional().describe('MQTT over WebSocket over TLS; absent: none'),
  MQTT_MAX_PACKET_BYTES: bytes.max(64 * 1024 * 1024).default(4 * 1024 * 1024),
  SPARKPLUG_HOST_ID: z
    .string()
    .regex(/^[^/+#]{1,64}$/)
    .default('faultline')
    .describe('Name of this primary host application in spBv1.0/STATE/{name}'),
  SPOOL_MAX_BYTES: bytes.default(8 * 1024 * 1024 * 1024).describe('When the spool is full, PUBACK is withheld'),
  PARTS_MAX_BYTES: bytes
    .default(1024 * 1024 * 1024)
    .describe('Parts of large waveform blocks that wait for the others; full: PUBACK is withheld'),
  PARTS_EXPIRE_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(600_000)
    .describe('A block whose next part does not come for so long is quarantined'),
  WAVEFORM_MAX_BLOCK_BYTES: bytes
    .max(512 * 1024 * 1024)
    .default(32 * 1024 * 1024)
    .describe('Sample bytes of a block that comes in parts'),
  FUTURE_SKEW_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(300_000)
    .describe('Device times further ahead are flagged'),
  SILENT_AFTER_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(60_000)
    .describe('Default for a device without an expected interval'),

  INFLUX_URL: url('http', 'https').optional().describe('InfluxDB 2.7 for telemetry; absent: PostgreSQL'),
  INFLUX_ORG: z.string().min(1).default('faultline').describe('Organisation in InfluxDB; it must exist'),
  INFLUX_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,40}$/i, 'use letters, digits, - and _')
    .default('faultline')
    .describe('Begins the names of the buckets that are made, three for each tenant'),
  INFLUX_TOKEN: z
    .string()
    .min(1)
    .optional()
    .describe('All-access token of the organisation: buckets are made and kept with it'),
  TELEMETRY_ROLLUP_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .positive()
    .default(730)
    .describe('How long minutes and hours that were down-sampled are kept in InfluxDB'),
  TELEMETRY_RETENTION_DAYS: z.coerce.number().int().positive().default(90),
  WAVEFORM_RETENTION_DAYS: z.coerce.number().int().positive().default(14),

  S3_URL: url('http', 'https')
    .refine((text) => URL.canParse(text) && new URL(text).pathname.length > 1, {
      error: 'must name a bucket: https://host/bucket',
    })
    .optional()
    .describe('Bucket for the samples of waveforms, with an optional prefix; absent: PostgreSQL'),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  S3_REGION: z.string().default('us-east-1'),

  PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Analytics queues; points are hashed onto them'),
  ANALYSIS_THREADS: z.coerce.number().int().min(1).max(64).default(1),
  FEATURE_HISTORY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(730)
    .default(35)
    .describe('How long observations are kept, so that thresholds can be tried on them'),

  NEO4J_URL: url('bolt', 'bolt+s', 'bolt+ssc', 'neo4j', 'neo4j+s', 'neo4j+ssc')
    .optional()
    .describe('Neo4j 5.26 or newer that follows the dependency graph; absent: the graph is in PostgreSQL alone'),
  NEO4J_USER: z.string().min(1).default('neo4j'),
  NEO4J_PASSWORD: z.string().min(1).optional(),
  NEO4J_DATABASE: z.string().min(1).default('neo4j').describe('It must exist, and be of no other use'),
  GRAPH_LOAD_FROM: z
    .enum(['postgresql', 'neo4j'])
    .default('postgresql')
    .describe('Where projections for the blast radius are loaded from; what Neo4j cannot give comes from PostgreSQL'),

  SMTP_URL: url('smtp', 'smtps').optional().describe('Mail server, with user and password if it wants them'),
  SMTP_FROM: z.string().default('Faultline <faultline@localhost>'),
  WEBHOOK_ALLOW: list
    .default([])
    .describe('Hosts or CIDR ranges that tenants may have reached although they are private'),
});

/** The settings one by one, and what they must be together. */
export const configSchema = settings.superRefine((given, context) => {
  if (given.NEO4J_URL !== undefined && given.NEO4J_PASSWORD === undefined)
    context.addIssue({ code: 'custom', path: ['NEO4J_PASSWORD'], message: 'NEO4J_URL needs it' });
  if (given.NEO4J_URL === undefined && given.GRAPH_LOAD_FROM === 'neo4j')
    context.addIssue({ code: 'custom', path: ['GRAPH_LOAD_FROM'], message: 'neo4j needs NEO4J_URL' });
  // An encrypted listener without a certificate would be a listener that is not there.
  const wanted = (['MQTT_TLS_PORT', 'MQTT_WSS_PORT'] as const).find((key) => given[key] !== undefined);
  if (wanted === undefined) return;
  for (const key of ['MQTT_TLS_CERT_FILE', 'MQTT_TLS_KEY_FILE'] as const)
    if (given[key] === undefined)
      context.addIssue({ code: 'custom', path: [key], message: `${wanted} needs it: the path of a PEM file` });
});

export type Config = Readonly<z.infer<typeof configSchema>>;
export type ConfigKey = keyof Config;

/** Keys whose values never appear in a log, an error or the API. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'MQTT_URL',
  'MQTT_CLIENT_KEY',
  'FAULTLINE_SECRET_KEY',
  'FAULTLINE_ADMIN_PASSWORD',
  'SMTP_URL',
  'INFLUX_TOKEN',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'NEO4J_PASSWORD',
]);
