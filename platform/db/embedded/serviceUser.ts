import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { reasonOf } from '../../errors/errors.ts';
import { databaseErrors } from '../errors.ts';

/** The user that PostgreSQL runs as when Faultline itself runs as root. */
export interface ServiceUser {
  uid: number;
  gid: number;
}

const NAMES = ['faultline', 'postgres'];

/** Finds or makes an unprivileged user; undefined when this process is not root and needs none. */
export function serviceUser(): ServiceUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = lookUp();
  if (found) return found;
  try {
    execFileSync(
      'useradd',
      ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--user-group', 'faultline'],
      {
        stdio: 'pipe',
      },
    );
  } catch (error) {
    const afterwards = lookUp(); // two processes may race to make it
    if (afterwards) return afterwards;
    throw databaseErrors.DB_SERVICE_USER({ reason: reasonOf(error) });
  }
  const made = lookUp();
  if (!made) throw databaseErrors.DB_SERVICE_USER({ reason: 'useradd made no user named faultline' });
  return made;
}

function lookUp(): ServiceUser | undefined {
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of NAMES) {
    const row = rows.find(([user]) => user === name);
    if (row) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  return undefined;
}
