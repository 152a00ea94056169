import { defineErrors } from '../errors/errors.ts';

export const databaseErrors = defineErrors({
  DB_DIRECTORY_IN_USE: {
    status: 500,
    message: (p: { directory: string; pid: number }) =>
      `The data directory ${p.directory} is in use by process ${p.pid}. Stop that process, or set DATA_DIR to another folder.`,
  },
  DB_BINARIES_MISSING: {
    status: 500,
    message: (p: { platform: string }) =>
      `No PostgreSQL binaries for ${p.platform} are installed. Run npm ci without --omit=optional, or set DATABASE_URL.`,
  },
  DB_SERVICE_USER: {
    status: 500,
    message: (p: { reason: string }) =>
      `PostgreSQL refuses to run as root and no service user could be had (${p.reason}). Create a user named faultline, run as an ordinary user, or set DATABASE_URL.`,
  },
  DB_START: {
    status: 500,
    message: (p: { reason: string; log: string }) =>
      `The embedded PostgreSQL did not start: ${p.reason}. Its log: ${p.log}`,
  },
  DB_MIGRATION_CHANGED: {
    status: 500,
    message: (p: { id: string }) =>
      `Migration ${p.id} was applied earlier with another text. Restore its text and write the change as a new migration.`,
  },
  DB_MIGRATION: {
    status: 500,
    message: (p: { id: string; reason: string }) => `Migration ${p.id} failed and was rolled back: ${p.reason}`,
  },
  DB_TENANT_ID: { status: 500, message: () => 'A tenant transaction needs a tenant id in the form of a UUID.' },
});
