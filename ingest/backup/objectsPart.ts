import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type BackupPart, backupErrors, type PartContext } from '../../platform/index.ts';
import type { Objects } from '../store/s3/objects.ts';

const PAGE = 500;
const ATTEMPTS = 3;
const savedSchema = z.object({ objects: z.int().min(0), absent: z.array(z.string()) });

interface Named {
  key: string;
  sha256: Buffer;
}

/**
 * The samples of waveforms that are objects. An object that is lost or damaged already is named in the manifest and does not
 * stop the backup of the others.
 */
export function objectsPart(objects: Objects | null): BackupPart {
  const demanded = () => {
    if (objects) return objects;
    throw new Error('waveforms lie in an object store: set S3_URL and its keys as the platform has them');
  };
  return {
    name: 'objects',
    save: async (context) => {
      const absent: string[] = [];
      let done = 0;
      await eachObject(context, async ({ key, sha256 }) => {
        const bytes = await patiently(() => demanded().get(key));
        if (!bytes || !digest(bytes).equals(sha256)) {
          absent.push(key);
          return;
        }
        const path = join(context.folder, key);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, bytes, { mode: 0o600 });
        context.progress(`object ${key}`, ++done, null);
      });
      return { objects: done, absent };
    },
    restore: async (context, saved) => {
      const { absent } = savedSchema.parse(saved);
      const gone = new Set(absent);
      let done = 0;
      await eachObject(context, async ({ key, sha256 }) => {
        if (gone.has(key)) return;
        const path = join(context.folder, key);
        const bytes = await readFile(path);
        if (!digest(bytes).equals(sha256)) throw backupErrors.RESTORE_DAMAGED({ file: path });
        const there = await patiently(() => demanded().get(key));
        if (!there || !digest(there).equals(sha256)) await patiently(() => demanded().put(key, bytes));
        context.progress(`object ${key}`, ++done, null);
      });
    },
  };
}

/** Every object that a row names, page by page. */
async function eachObject({ sql }: PartContext, visit: (named: Named) => Promise<void>): Promise<void> {
  for (let after = ''; ; ) {
    const { rows } = await sql.query<{ object_key: string; object_sha256: Buffer }>(
      'select object_key, object_sha256 from waveform where object_key > $1 order by object_key limit $2',
      [after, PAGE],
    );
    for (const { object_key: key, object_sha256: sha256 } of rows) await visit({ key, sha256 });
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.object_key;
  }
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === ATTEMPTS) throw error;
    }
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
