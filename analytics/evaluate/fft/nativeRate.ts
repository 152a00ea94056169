import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const answer = z.object({ perSecond: z.number().positive(), library: z.string() });
export type NativeRate = z.infer<typeof answer>;

const TIMEOUT_MS = 120_000;

/** Transforms of 4,096 points a second in a native library, on this machine and now; null where there is none. */
export async function nativeRate(): Promise<NativeRate | null> {
  const script = fileURLToPath(new URL('native.py', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.env.FAULTLINE_PYTHON ?? 'python3', [script], {
      timeout: TIMEOUT_MS,
    });
    return answer.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}
