import { defineErrors } from '../errors/errors.ts';

export const backupErrors = defineErrors({
  BACKUP_TARGET: {
    status: 409,
    message: (p: { directory: string }) => `${p.directory} is not empty. Name a folder that does not exist yet.`,
  },
  BACKUP_RIGHTS: {
    status: 403,
    message: (p: { user: string }) =>
      `The database user ${p.user} may not read across tenants. For backup and restore let DATABASE_URL name a superuser, or a user with BYPASSRLS that owns the tables.`,
  },
  BACKUP_MOVED: {
    status: 503,
    message: () => 'The spool was trimmed faster than it could be linked. Nothing was written; run the backup again.',
  },
  RESTORE_SOURCE: {
    status: 400,
    message: (p: { directory: string; why: string }) => `${p.directory} holds no whole backup: ${p.why}`,
  },
  RESTORE_DAMAGED: {
    status: 400,
    message: (p: { file: string }) =>
      `${p.file} is not what the backup wrote: its checksum differs. Take another copy of the backup.`,
  },
  RESTORE_OCCUPIED: {
    status: 409,
    message: (p: { what: string }) =>
      `${p.what} holds data already. A restore fills an empty installation only: name an empty DATA_DIR and an empty database.`,
  },
  RESTORE_NEWER: {
    status: 409,
    message: (p: { migration: string }) =>
      `The backup was written by another Faultline, whose schema has ${p.migration}. Restore it with that version, then upgrade.`,
  },
  RESTORE_SECRET: {
    status: 409,
    message: () =>
      'The backup was written with another FAULTLINE_SECRET_KEY, and what it encrypted could not be read. Set the key of that installation.',
  },
  RESTORE_DIFFERS: {
    status: 500,
    message: (p: { what: string }) =>
      `What was restored is not what was saved: ${p.what}. Do not use it; keep the backup.`,
  },
});
