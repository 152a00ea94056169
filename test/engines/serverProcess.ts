import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { basename } from 'node:path';

const LOOK_EVERY_MS = 20;

/**
 * Starts a server and waits until it is ready. Whoever starts it may die without stopping it: it is killed with this
 * process, for nothing of ours may outlive a test run.
 *
 * @param about.log what it wrote, for the message of a start that failed
 */
export async function launchServer(
  command: string,
  args: readonly string[],
  about: { spawn: SpawnOptions; isReady: () => Promise<boolean>; readyWithinMs: number; log?: () => string },
): Promise<ChildProcess> {
  const child = spawn(command, args, about.spawn);
  const name = basename(command);
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  const deadlineMs = Date.now() + about.readyWithinMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} ${about.log?.() ?? ''}`);
    if (await about.isReady()) return child;
    if (Date.now() > deadlineMs) throw new Error(`${name} was not ready within ${about.readyWithinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Ends a server and waits until it is gone; one that has ended already is left alone. */
export async function endServer(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGCONT'); // a paused one would not hear the rest
  child.kill(signal);
  await exited;
}

/** Whether something answers a request there, whatever it answers. */
export function answers(url: string, isGood: (answer: Response) => boolean = () => true): Promise<boolean> {
  return fetch(url).then(isGood, () => false);
}
