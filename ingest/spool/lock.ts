import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../platform/clock/clock.ts';
import { defineErrors } from '../../platform/errors/errors.ts';

const errors = defineErrors({
  SPOOL_LOCKED: {
    status: 503,
    message: (p: { directory: string; pid: number }) =>
      `The spool in ${p.directory} is in use by process ${p.pid}: stop that process, or give this one its own DATA_DIR.`,
  },
});

/** A holder in another PID namespace (container) renews its lock; this long without renewal means that it is gone. */
const RENEWED_WITHIN_MS = 20_000;
const RENEW_EVERY_MS = 5_000;

interface Holder {
  pid: number;
  /** Kernel start time: tells a process from a later one with the same number; null where /proc is missing. */
  started: string | null;
  /** PID namespace and boot: only within the same ones does a process number mean anything. */
  world: string | null;
}

/** When the process started, in clock ticks since boot (field 22 of /proc/PID/stat), or null when there is none. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function ownWorld(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isGone(holder: Holder, path: string): Promise<boolean> {
  if (holder.world === ownWorld()) return !runs(holder.pid) || startOf(holder.pid) !== holder.started;
  // Another container, boot or machine on a shared disk: only renewal can tell.
  const renewed = await stat(path);
  return Date.now() - renewed.mtimeMs > RENEWED_WITHIN_MS;
}

/** Takes the directory for this process, or says who has it. @returns the way to give it back */
export async function lockDirectory(directory: string, clock: Clock): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const mine = `${path}.${process.pid}`;
  const holder: Holder = { pid: process.pid, started: startOf(process.pid), world: ownWorld() };
  const file = await open(mine, 'w', 0o600);
  await file.writeFile(JSON.stringify(holder));
  await file.close();
  try {
    while (!(await linked(mine, path))) await removeStale(directory, path, mine);
  } finally {
    await unlink(mine).catch(() => undefined);
  }
  let renewal: Timer;
  const renew = (): void => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
    renewal = clock.setTimer(RENEW_EVERY_MS, renew);
  };
  renewal = clock.setTimer(RENEW_EVERY_MS, renew);
  return async () => {
    renewal.cancel();
    await unlink(path).catch(() => undefined);
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(directory: string, path: string, mine: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return;
  const holder = parseHolder(text);
  if (holder !== null && !(await isGone(holder, path)))
    throw errors.SPOOL_LOCKED({ directory, pid: holder.pid }, { detail: { pid: holder.pid } });
  // Two starters may both judge the same lock stale; whoever renames a fresh one by mistake puts it back.
  const aside = `${mine}.stale`;
  await rename(path, aside).catch(() => undefined);
  const taken = await readFile(aside, 'utf8').catch(() => text);
  if (taken !== text) await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

function parseHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}
