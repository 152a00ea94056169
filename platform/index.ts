export { type Authenticate, createAuthenticate } from './auth/authenticate.ts';
export { type Bootstrapped, bootstrap, FIRST_LOGIN, FIRST_TENANT } from './auth/bootstrap.ts';
export { grantLinks, type LinkGrant } from './auth/links.ts';
export { authMigrations } from './auth/migrations.ts';
export { createPasswords, type Passwords } from './auth/passwords.ts';
export {
  isRole,
  PERMISSIONS,
  type Permission,
  permissionsOf,
  ROLE_NAMES,
  ROLE_PERMISSIONS,
  type Role,
} from './auth/permissions.ts';
export type { Principal } from './auth/principal.ts';
export { createRecheck, type Recheck } from './auth/recheck.ts';
export { authRoutes } from './auth/routes/all.ts';
export { createTenant, findTenantBySlug, listTenants, type Tenant } from './auth/tenants.ts';
export { getUser, insertUser, listUsers, type NewUser, type User } from './auth/users.ts';
export { type BackupOptions, backUp } from './backup/backup.ts';
export { backupErrors } from './backup/errors.ts';
export type { Manifest } from './backup/manifest.ts';
export type { BackupPart, PartContext } from './backup/part.ts';
export { readManifest, restoreDatabase, restoreFiles } from './backup/restore.ts';
export { type Clock, systemClock, type Timer } from './clock/clock.ts';
export { type ManualClock, manualClock } from './clock/manualClock.ts';
export { ConfigError, loadConfig } from './config/load.ts';
export { type Config, type ProcessRole, ROLES } from './config/schema.ts';
export { type Database, openDatabase, type Sql, type Transaction, type Tx } from './db/database.ts';
export { type DirectoryLock, lockDirectory } from './db/embedded/directoryLock.ts';
export { makeFolderDurably } from './db/embedded/durable.ts';
export { installationSecrets } from './db/embedded/secrets.ts';
export { type EmbeddedServer, startEmbedded } from './db/embedded/server.ts';
export { jsonArray, jsonSequence } from './db/jsonSequence.ts';
export { type Migration, migrate } from './db/migrate.ts';
export { type Owner, openOwner } from './db/owner.ts';
export { tenantTable } from './db/tenantTable.ts';
export { createEgress, type Egress, EgressRefused, type Resolve } from './egress/egress.ts';
export { endWith } from './endWith.ts';
export { declaredErrors, defineErrors, FaultlineError, reasonOf } from './errors/errors.ts';
export { type Ground, openGround } from './ground.ts';
export type { RouteAccess, RoutePermission } from './http/access.ts';
export { createHttp, type HttpDeps } from './http/app.ts';
export type { App, HttpLimits } from './http/application.ts';
export { int64Text, jsonReplacer } from './http/json.ts';
export { pageOf, pageQuery, toPage } from './http/page.ts';
export { createReadiness, type Readiness } from './http/probes.ts';
export { type HttpServer, serveHttp } from './http/serve.ts';
export { isId, newId } from './ids.ts';
export { jobsOnPostgres, jobsOnRedis, migrateQueues } from './jobs/bullmq.ts';
export type { EnqueueOptions, JobHandler, Jobs, WorkOptions } from './jobs/jobs.ts';
export { defineJob, type JobType } from './jobs/jobType.ts';
export { createLease, type Lease } from './lease/lease.ts';
export { leaseMigration } from './lease/migration.ts';
export { createLog, type Logger } from './log/log.ts';
export { createMetrics, type Metrics } from './metrics/metrics.ts';
export { lastKnown, type ReadMetrics, readMetrics } from './metrics/readMetrics.ts';
export { deadGauge } from './outbox/dead.ts';
export { type DeliveryOptions, serveConsumers } from './outbox/deliver.ts';
export { type AnyConsumer, type Consumer, type DeliveredEvent, defineEvent, type EventType } from './outbox/events.ts';
export { outboxMigration } from './outbox/migration.ts';
export { createOutbox, type Outbox } from './outbox/outbox.ts';
export { createRelay } from './outbox/relay.ts';
export { outboxRoutes } from './outbox/routes.ts';
export { createSealer, type Sealer } from './seal/sealer.ts';
export { loopService, type Service } from './service.ts';
export { type Fragment, highlight } from './text/highlight.ts';
export { nearWords, SHORTEST_CORRECTED } from './text/nearWords.ts';
export { type QueryTerm, queryTerms } from './text/queryTerms.ts';
export { type TextWeight, vectorText } from './text/vectorText.ts';
export { folded } from './text/words.ts';
export { CertificateFiles, type CertificatePaths, type LoadedCertificate } from './tls/certificateFiles.ts';
