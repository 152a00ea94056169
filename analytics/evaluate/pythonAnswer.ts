import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { z } from 'zod';

const TIMEOUT_MS = 120_000;

/**
 * What a Python script prints as one JSON object; null where there is no Python that has what it imports.
 * `FAULTLINE_PYTHON` names one.
 */
export async function pythonAnswer<T>(script: URL, args: readonly string[], answer: z.ZodType<T>): Promise<T | null> {
  const python = process.env.FAULTLINE_PYTHON ?? 'python3';
  try {
    const { stdout } = await promisify(execFile)(python, [fileURLToPath(script), ...args], { timeout: TIMEOUT_MS });
    return answer.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}
