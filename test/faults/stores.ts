import type { Loaded } from './loaded.ts';

/** A telemetry store that a case can take away and give back. */
export interface BreakableStore {
  name: string;
  /** What the platform needs to store there. */
  env: Record<string, string>;
  gone(run: Loaded): Promise<void>;
  back(run: Loaded): Promise<void>;
}

/** The platform's own PostgreSQL, which refuses readings: the role that stores them may no longer write any. */
export const postgresStore: BreakableStore = {
  name: 'PostgreSQL store',
  env: {},
  gone: async (run) => void (await run.pg!.asOwner('revoke insert on telemetry from faultline_shipper')),
  back: async (run) => void (await run.pg!.asOwner('grant insert on telemetry to faultline_shipper')),
};
