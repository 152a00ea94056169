import { Counter, Histogram, type Registry } from 'prom-client';
import {
  type AnyConsumer,
  type App,
  type Clock,
  createEgress,
  createSealer,
  type Database,
  type Logger,
  type Migration,
  type Outbox,
  type Resolve,
  type Service,
} from '../platform/index.ts';
import { createChannelDirectory } from './channels/directory.ts';
import { createSmtpChannel } from './channels/smtp.ts';
import { parseSmtpUrl } from './channels/smtpUrl.ts';
import { createDelivery } from './delivery/deliver.ts';
import { createWorkPool } from './delivery/workPool.ts';
import { notifyMigrations } from './migrations.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { channelRoutes } from './routes/channels.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { templateRoutes } from './routes/templates.ts';

/** Settings of the operator; the names in capitals are keys of the platform's configuration. */
export interface NotifySettings {
  /** `SMTP_URL`; without it only the tenants' own channels exist. */
  readonly smtpUrl?: string | undefined;
  /** `SMTP_FROM` */
  readonly smtpFrom: string;
  /** `WEBHOOK_ALLOW` */
  readonly webhookAllow: readonly string[];
  /** `PUBLIC_URL`, or where the server listens; asked for when a message goes out. */
  readonly publicUrl: () => string | undefined;
  /** IANA name of the zone in which messages give times; that of the server by default. */
  readonly timeZone?: string;
}

export interface NotifyDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Used only after the start, so it may be bound later than this part is made. */
  readonly outbox: Outbox;
  /** The installation's secret key: seals the secrets of the tenants' channels. */
  readonly secretKey: string;
  readonly settings: NotifySettings;
  /** How host names become addresses; the system's resolver by default. */
  readonly resolve?: Resolve;
}

/** The part that tells people. */
export interface Notify extends Service {
  readonly notifier: Notifier;
  readonly consumers: readonly AnyConsumer[];
  readonly migrations: readonly Migration[];
  readonly routes: (app: App) => void;
}

const CONCURRENT_SENDS = 8;
const MAX_WAITING = 10_000;
/** How long a stop waits for conversations that are under way. */
export const STOP_GRACE_MS = 4_000;

/** Makes the part; nothing runs before `start`. @throws {ConfigError} for an `SMTP_URL` that cannot be used */
export function createNotify(deps: NotifyDeps): Notify {
  const { db, clock, log, outbox, settings } = deps;
  const mail = settings.smtpUrl === undefined ? null : parseSmtpUrl(settings.smtpUrl, settings.smtpFrom);
  const egress = createEgress(settings.webhookAllow, deps.resolve);
  const sealer = createSealer(deps.secretKey, 'notify channel secrets');
  const platform = mail && createSmtpChannel(mail.settings, { password: mail.password });
  const directory = createChannelDirectory({ clock, egress, sealer, platform });
  const pool = createWorkPool({
    concurrency: CONCURRENT_SENDS,
    maxWaiting: MAX_WAITING,
    setTimer: clock.setTimer,
  });
  const timeZone = settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const words = () => ({ timeZone, publicUrl: settings.publicUrl() });
  const registers = [deps.metrics];
  const delivery = createDelivery({
    db,
    clock,
    log,
    outbox,
    directory,
    sealer,
    pool,
    timeZone,
    publicUrl: settings.publicUrl,
    outcomes: new Counter({
      name: 'faultline_notify_attempts_total',
      help: 'Attempts to send a message, by what came of them',
      labelNames: ['outcome'],
      registers,
    }),
    delaySeconds: new Histogram({
      name: 'faultline_notify_delay_seconds',
      help: 'Time from the request of a message to a channel having taken it over',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
      registers,
    }),
  });
  return {
    migrations: notifyMigrations,
    notifier: createNotifier({ clock, sealer, outbox, soon: delivery.soon }),
    consumers: [delivery.consumer],
    routes: (app) => {
      notificationRoutes({ db, clock, outbox })(app);
      channelRoutes({ db, clock, sealer, egress, directory, platform: mail?.settings ?? null, words })(app);
      templateRoutes({ words })(app);
    },
    start: async () => pool.start(),
    stop: async () => {
      await pool.stop(STOP_GRACE_MS);
      await directory.close();
    },
  };
}
