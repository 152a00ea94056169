import type { Config } from '../config/schema.ts';
import { FaultlineError } from '../errors/errors.ts';
import { lockDirectory } from './embedded/directoryLock.ts';
import { runningEmbedded, startEmbedded } from './embedded/server.ts';

/** The database as its owner sees it, for programs that work beside the platform. */
export interface Owner {
  url: string;
  close(): Promise<void>;
}

/**
 * The database of `DATABASE_URL`; else the embedded one: that of a running platform, or started for as long as it is
 * needed.
 */
export async function openOwner(config: Config): Promise<Owner> {
  if (config.DATABASE_URL !== undefined) return { url: config.DATABASE_URL, close: async () => undefined };
  try {
    const lock = lockDirectory(config.DATA_DIR);
    try {
      const server = await startEmbedded(config.DATA_DIR);
      return {
        url: server.url,
        close: async () => {
          await server.stop();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    const running = isInUse(error) ? runningEmbedded(config.DATA_DIR) : undefined;
    if (running === undefined) throw error;
    return { url: running, close: async () => undefined };
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof FaultlineError && error.code === 'DB_DIRECTORY_IN_USE';
}
