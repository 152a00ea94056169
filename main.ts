import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { migrations as analyticsMigrations, createAnalytics, type MachineFacts } from './analytics/index.ts';
import {
  assetContexts,
  migrations as cmdbMigrations,
  createCmdb,
  measuringPointFacts,
  readHealth,
  whoIsOnCall,
} from './cmdb/index.ts';
import { consoleRoutes } from './console/index.ts';
import { influxIn, neo4jIn, objectsIn, partsOf } from './engines.ts';
import {
  createConfigurationSender,
  createDeviceCommands,
  createDeviceRegistry,
  createExporter,
  createIngestStores,
  createIntake,
  createObservations,
  declaredRanges,
  deviceMigrations,
  deviceRoutes,
  hearReported,
  mappingRoutes,
  openLanes,
  openParts,
  quotaRoutes,
  serveReplays,
  storedRoutes,
  storingMigrations,
} from './ingest/index.ts';
import { mergedCis } from './mergedCis.ts';
import { createNotify, notifyMigrations } from './notify/index.ts';
import {
  type AnyConsumer,
  type App,
  authMigrations,
  authRoutes,
  bootstrap,
  type Clock,
  type Config,
  ConfigError,
  createAuthenticate,
  createHttp,
  createLog,
  createMetrics,
  createOutbox,
  createPasswords,
  createReadiness,
  createRelay,
  deadGauge,
  endWith,
  FIRST_LOGIN,
  type Logger,
  leaseMigration,
  loadConfig,
  type Migration,
  openGround,
  outboxMigration,
  outboxRoutes,
  type ProcessRole,
  ROLES,
  reasonOf,
  type Service,
  serveConsumers,
  serveHttp,
  systemClock,
} from './platform/index.ts';
import { stopCommands } from './stopCommands.ts';
import { closedOrders, createTicketing, migrations as ticketingMigrations } from './ticketing/index.ts';
import { tiedToCis } from './tiedToCis.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

/** The whole schema, in the order in which parts build on one another. */
export const migrations: readonly Migration[] = [
  outboxMigration,
  leaseMigration,
  ...authMigrations,
  ...deviceMigrations,
  ...storingMigrations,
  ...cmdbMigrations,
  ...analyticsMigrations,
  ...notifyMigrations,
  ...ticketingMigrations,
];

/** A running Faultline. */
export interface Running {
  /** The application behind `httpUrl`, for whoever wants to walk its routes. */
  app: App;
  httpUrl: string;
  mqttUrl: string | null;
  /** Of the first start only, when no password was configured; it is kept nowhere. */
  generatedAdminPassword: string | null;
  /** Reads the TLS certificate's files again, as their change does by itself. */
  reloadCertificates(): void;
  stop(): Promise<void>;
}

export interface StartOptions {
  roles: ReadonlySet<ProcessRole>;
  log: Logger;
  clock: Clock;
  /** Called when something that cannot be mended ends the process's work. */
  fatal: (reason: string) => void;
}

/** Builds everything, starts the roles in the order of the flow's end to its beginning, and stops them in reverse. */
export async function start(config: Config, options: StartOptions): Promise<Running> {
  const { log, clock } = options;
  const metrics = createMetrics();
  const readiness = createReadiness({ clock, log });
  const ground = await openGround(config, { clock, log, migrations, fatal: options.fatal });
  const started: Service[] = [];
  const stop = async () => {
    for (const service of started.splice(0).reverse()) await service.stop();
    await ground.close();
  };
  try {
    const { db, jobs } = ground;
    readiness.add('database', () => db.ping());
    const passwords = createPasswords();
    const { generatedPassword } = await bootstrap({
      db,
      clock,
      passwords,
      adminPassword: config.FAULTLINE_ADMIN_PASSWORD,
    });

    const consumers: AnyConsumer[] = [];
    const outbox = createOutbox(clock, consumers, () => relay.nudge());
    const relay = createRelay({ db, jobs, clock, log, consumers });
    deadGauge({ db, metrics, consumers });

    const lanes = options.roles.has('ingest')
      ? await openLanes({ directory: config.DATA_DIR, limitBytes: config.SPOOL_MAX_BYTES, clock, log })
      : null;
    /** Opened before anything starts, closed after everything has stopped. */
    const closing = (opened: { close(): unknown } | null) => {
      if (opened) started.push({ start: async () => undefined, stop: async () => void (await opened.close()) });
    };
    closing(lanes);
    const parts = lanes && (await openParts({ ...partsOf(config), spool: lanes, clock, log }));
    closing(parts);
    const telemetry = influxIn(config, { db, clock, log });
    closing(telemetry);
    const objects = await objectsIn(config);
    closing(objects);
    const stores = createIngestStores({
      ...{
        db,
        spool: lanes?.live ?? null,
        history: lanes?.history ?? null,
        jobs,
        clock,
        log,
        metrics,
        telemetry,
        observations: createObservations({ db, clock, log }),
        objects,
      },
      settings: {
        partitions: config.PARTITIONS,
        futureSkewMs: config.FUTURE_SKEW_MS,
        telemetryRetentionDays: config.TELEMETRY_RETENTION_DAYS,
        waveformRetentionDays: config.WAVEFORM_RETENTION_DAYS,
        // A block put together of parts is larger than a packet, and none is cut in quarantine.
        maxPayloadBytes: config.MQTT_MAX_PACKET_BYTES + config.WAVEFORM_MAX_BLOCK_BYTES,
      },
    });
    const commands = createDeviceCommands({ db, clock, log, outbox });
    const reported = hearReported({ db, clock });
    const heard: typeof reported = (said) => (said.leaf === 'answer' ? commands.answered(said) : reported(said));
    const intake =
      lanes &&
      parts &&
      createIntake({
        ...{ id: lanes.live.id, config, clock, log, db, metrics, spool: lanes, parts: parts.area },
        heard,
      });
    if (intake) readiness.add('mqtt', () => intake.ready());
    // Without an intake of its own, a process's changes to devices reach the intakes through the database.
    const registry = intake?.registry ?? createDeviceRegistry({ db, clock, changed: () => undefined });

    const facts: MachineFacts = {
      facts: (tenantId, pointKey) => db.tenant(tenantId, (tx) => measuringPointFacts(tx, pointKey)),
      ranges: (tenantId, device) => db.tenant(tenantId, (tx) => declaredRanges(tx, device)),
    };
    const analytics = createAnalytics({
      ...{ db, clock, jobs, outbox, log, metrics, facts },
      proof: stores.waveforms,
      orders: { closed: closedOrders },
      threads: config.ANALYSIS_THREADS,
      historyDays: config.FEATURE_HISTORY_DAYS,
    });
    const cmdb = createCmdb({
      ...{ db, outbox, clock, log, metrics, neo4j: neo4jIn(config), tied: tiedToCis },
      graphSources: { jobs, secretKey: ground.secretKey, webhookAllow: config.WEBHOOK_ALLOW },
      remainingLife: analytics.prognosis,
    });

    const notify = createNotify({
      ...{ db, clock, log, metrics, outbox },
      secretKey: ground.secretKey,
      settings: {
        smtpUrl: config.SMTP_URL,
        smtpFrom: config.SMTP_FROM,
        webhookAllow: config.WEBHOOK_ALLOW,
        publicUrl: () => config.PUBLIC_URL ?? (http.url || undefined),
      },
    });
    const ticketing = createTicketing({
      ...{ db, clock, outbox },
      assets: { contexts: assetContexts },
      impact: cmdb.impact,
      health: { failing: async (tx) => (await readHealth(tx)).ill },
      onCall: { onCall: whoIsOnCall },
      notifier: notify.notifier,
      labelAnomaly: analytics.labelAnomaly,
    });
    const toDevices = [...commands.consumers, stopCommands(commands, ticketing)];
    const toAnalytics = [mergedCis(analytics)];
    consumers.push(...cmdb.consumers, ...ticketing.consumers, ...notify.consumers, ...toDevices, ...toAnalytics);

    const authenticate = createAuthenticate({ db, clock });
    const app = await createHttp({ log, metrics, authenticate, readiness, version, trustProxy: config.TRUST_PROXY });
    authRoutes({ db, clock, passwords, log })(app);
    if (options.roles.has('api')) {
      outboxRoutes({ db, clock, log, nudge: relay.nudge })(app);
      quotaRoutes({ db, clock, log })(app);
      deviceRoutes({ db, clock, log, registry, silentAfterMs: config.SILENT_AFTER_MS })(app);
      commands.routes(app);
      mappingRoutes({ db, clock })(app);
      storedRoutes({ db, stores, clock, jobs })(app);
      cmdb.routes(app);
      analytics.routes(app);
      ticketing.routes(app);
      notify.routes(app);
      consoleRoutes()(app);
    }
    const http = serveHttp(app, { host: config.HTTP_HOST, port: config.HTTP_PORT, clock });

    // Every process knows every consumer, for the outbox; it serves those of its own roles.
    const served = [
      ...(options.roles.has('cmdb') ? cmdb.consumers : []),
      ...(options.roles.has('ticketing') ? ticketing.consumers : []),
      ...(options.roles.has('notify') ? notify.consumers : []),
      ...(intake ? toDevices : []),
      ...(options.roles.has('analytics') ? toAnalytics : []),
    ];
    serveConsumers({ db, jobs, clock, log }, served);
    if (options.roles.has('cmdb')) cmdb.serve();
    const exporter = options.roles.has('api')
      ? createExporter({ db, jobs, clock, log, telemetry: stores.telemetry })
      : null;
    if (options.roles.has('ingest')) serveReplays({ db, jobs, clock, log, replay: stores.replay });
    const ofRole = (role: ProcessRole, service: Service): Service[] => (options.roles.has(role) ? [service] : []);
    for (const service of [
      cmdb,
      ...ofRole('analytics', analytics),
      ...ofRole('ticketing', ticketing),
      ...ofRole('notify', notify),
      jobs,
      relay,
      stores,
      ...(exporter ? [exporter] : []),
      ...(intake
        ? [intake, commands.sender(intake.link), createConfigurationSender({ db, clock, log, link: intake.link })]
        : []),
      http,
    ]) {
      started.push(service);
      await service.start();
    }
    const mqttUrl = intake?.url() ?? null;
    const reloadCertificates = (): void => void intake?.reloadCertificates();
    return { app, httpUrl: http.url, mqttUrl, generatedAdminPassword: generatedPassword, reloadCertificates, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const USAGE = `Usage: npm start [-- --roles ${ROLES.join(',')}]

Settings come from the environment or the JSON file named by FAULTLINE_CONFIG; README.md lists them.`;

function rolesOf(text: string | undefined): ReadonlySet<ProcessRole> {
  if (text === undefined) return new Set(ROLES);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !ROLES.includes(name as ProcessRole));
  if (unknown.length > 0)
    throw new ConfigError([`--roles: no role ${unknown.join(', ')}; choose from ${ROLES.join(', ')}`]);
  return new Set(names as ProcessRole[]);
}

const STOP_WITHIN_MS = 10_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { roles: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: false,
  });
  if (values.help) return console.log(USAGE);
  const config = loadConfig(process.env);
  const roles = rolesOf(values.roles);
  const log = createLog(config.LOG_LEVEL);

  let running: Running | undefined;
  let stopping = false;
  const stop = (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    const hurry = setTimeout(() => {
      log.error('the stop took too long; what is not yet done is taken up at the next start');
      process.exit(code || 1);
    }, STOP_WITHIN_MS - 500);
    hurry.unref();
    Promise.resolve(running?.stop()).then(
      () => process.exit(code),
      (error) => {
        log.error({ reason: reasonOf(error) }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, 0));
  // Started by another program of ours: when that ends, however it ends, so do we.
  process.on('disconnect', () => stop('the parent process ended', 0));
  if (process.send && !process.connected) return stop('the parent process ended', 0); // while we were being loaded
  process.on('SIGHUP', () => running?.reloadCertificates());
  process.on('unhandledRejection', (error) =>
    log.error({ reason: reasonOf(error), stack: (error as Error)?.stack }, 'unhandled rejection'),
  );

  running = await start(config, { roles, log, clock: systemClock(), fatal: (reason) => stop(reason, 1) });
  if (stopping) return void running.stop();
  process.send?.({ ready: { httpUrl: running.httpUrl, mqttUrl: running.mqttUrl } });
  log.info(
    { http: running.httpUrl, mqtt: running.mqttUrl, documentation: `${running.httpUrl}/docs` },
    'Faultline is up',
  );
  if (running.generatedAdminPassword !== null) {
    // To the terminal, never to the log: it is said once and kept nowhere.
    process.stderr.write(
      `\n  First administrator: ${FIRST_LOGIN}\n  Password:            ${running.generatedAdminPassword}\n\n`,
    );
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => endWith(error, 1));
}
