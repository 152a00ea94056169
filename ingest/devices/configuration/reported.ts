import { z } from 'zod';
import type { Clock, Database } from '../../../platform/index.ts';
import type { Heard } from '../link.ts';
import type { Document } from './mergePatch.ts';
import { keepReported } from './store.ts';

const MAX_REPORT_BYTES = 64 * 1024;
/** Deeper documents make whatever walks them overflow its stack. */
const MAX_DEPTH = 32;

const report = z.object({
  version: z.int().min(0).max(2_147_483_647).nullish(),
  config: z.record(z.string(), z.unknown()),
});

/** Keeps what devices report of their configuration: `{"version": …, "config": {…}}`, merged into what they said before. */
export function hearReported(deps: { db: Database; clock: Clock }): Heard {
  return async ({ tenantId, deviceId, payload }) => {
    const wrong = (problem: string) => ({ problem });
    if (payload.length > MAX_REPORT_BYTES)
      return wrong(`a report of ${payload.length} bytes; ${MAX_REPORT_BYTES} are allowed`);
    let value: unknown;
    try {
      value = JSON.parse(payload.toString('utf8'));
    } catch {
      value = null;
    }
    const parsed = report.safeParse(value);
    if (!parsed.success || depthOf(value) > MAX_DEPTH) return wrong('report with {"version": …, "config": {…}}');
    const { version = null, config } = parsed.data;
    const problem = await deps.db.tenant(tenantId, (tx) =>
      keepReported(tx, deviceId, { version, config: config as Document }, deps.clock.nowMs()),
    );
    return { problem };
  };
}

function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Math.max(depth, ...Object.values(value).map((child) => depthOf(child, depth + 1)));
}
