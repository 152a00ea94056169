import type { Clock, Logger } from '../../platform/index.ts';
import { openSpool } from '../spool/index.ts';
import { DEFAULT_PARTS_LIMITS, PartsArea, type PartsAreaOptions, type PartsLimits } from './partsArea.ts';

export interface PartsOptions {
  /** Of the parts' own spool. */
  directory: string;
  limitBytes: number;
  limits?: Partial<PartsLimits>;
  /** Where whole blocks go; it outlives the area. */
  spool: PartsAreaOptions['spool'];
  clock: Clock;
  log: Logger;
}

/** The area together with the spool that it keeps its parts in. */
export interface OpenParts {
  area: PartsArea;
  close(): Promise<void>;
}

/** Opens (or creates) the parts' spool and takes up what it holds. */
export async function openParts({
  directory,
  limitBytes,
  limits,
  spool,
  clock,
  log,
}: PartsOptions): Promise<OpenParts> {
  const parts = await openSpool({ directory, limitBytes, clock, log });
  const area = await PartsArea.open({ parts, spool, clock, log, limits: { ...DEFAULT_PARTS_LIMITS, ...limits } });
  return {
    area,
    close: async () => {
      await area.stop();
      await parts.close();
    },
  };
}
