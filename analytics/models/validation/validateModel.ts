import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import type { ModelContract } from '../contract.ts';
import type { ValidationReply, ValidationRequest } from './child.ts';
import { modelLimits, type ValidationReport } from './report.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Limits the data that the process may hold; where the shell cannot, the time limit remains. */
const LIMITED = `ulimit -d ${modelLimits.validationMib * 1024} 2>/dev/null; exec "$0" "$@"`;

export interface ValidationOptions {
  readonly clock: Clock;
  readonly limitMs?: number;
  /** What the process runs; tests put one here that misbehaves. */
  readonly script?: string;
}

/**
 * Runs a model for the first time, in a process of its own with bounded time and memory and without our environment: a
 * file that crashes, hangs or fills the memory takes nothing else with it.
 *
 * @throws ANALYTICS_MODEL_REFUSED with the reason
 */
export async function validateModel(
  contract: ModelContract,
  data: Uint8Array,
  { clock, limitMs = modelLimits.validationMs, script = CHILD }: ValidationOptions,
): Promise<ValidationReport> {
  const child = spawn('/bin/sh', ['-c', LIMITED, process.execPath, script], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: { PATH: process.env.PATH ?? '', ORT_DISABLE_TELEMETRY: '1' },
  });
  const { promise, resolve } = Promise.withResolvers<ValidationReply>();
  const refuse = (refused: string) => resolve({ refused });
  child.once('message', (reply) => resolve(reply as ValidationReply));
  child.once('error', (error) => refuse(`it could not be validated: ${error.message}`));
  child.once('exit', (code, signal) => refuse(`it ended the process that ran it (${signal ?? `exit code ${code}`})`));
  const timer = clock.setTimer(limitMs, () => refuse(`it was not done with the probes after ${limitMs} ms`));
  try {
    child.send({ contract, data } satisfies ValidationRequest, (error) => error && refuse(error.message));
    const reply = await promise;
    if ('report' in reply) return reply.report;
    throw analyticsErrors.ANALYTICS_MODEL_REFUSED({ reason: reply.refused });
  } finally {
    timer.cancel();
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}
