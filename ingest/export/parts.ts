import type { Database } from '../../platform/index.ts';
import type { ExportSink } from './writer.ts';

const PART_BYTES = 1024 * 1024;

/** Who an attempt at an export is. */
export interface Attempt {
  tenantId: string;
  exportId: string;
  attempt: string;
}

/** Keeps what an attempt makes, in parts of a megabyte; never more than a part and what is given wait in memory. */
export function partSink(db: Database, of: Attempt): { sink: ExportSink; close(): Promise<void>; bytes(): number } {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let part = 0;
  let total = 0;
  const put = (bytes: Buffer) =>
    db.tenant(of.tenantId, (tx) =>
      tx.query(
        `insert into telemetry_export_part (tenant_id, export_id, attempt, part, bytes)
         values (current_tenant(), $1, $2, $3, $4)`,
        [of.exportId, of.attempt, part++, bytes],
      ),
    );
  const shed = async (atLeast: number) => {
    if (waitingBytes < atLeast) return;
    const all = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    for (let at = 0; at < all.length; at += PART_BYTES) {
      const rest = all.length - at;
      if (rest < PART_BYTES && rest < atLeast) {
        waiting = [all.subarray(at)];
        waitingBytes = rest;
        return;
      }
      await put(all.subarray(at, at + PART_BYTES));
    }
  };
  return {
    bytes: () => total,
    sink: async (bytes) => {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      total += bytes.length;
      await shed(PART_BYTES);
    },
    close: () => shed(1),
  };
}

/** What an attempt has made, part by part, each read when it is asked for. */
export async function* readParts(db: Database, of: Attempt): AsyncGenerator<Buffer> {
  for (let part = 0; ; part++) {
    const bytes = await db.tenant(of.tenantId, async (tx) => {
      const { rows } = await tx.query<{ bytes: Buffer }>(
        `select bytes from telemetry_export_part
         where tenant_id = current_tenant() and export_id = $1 and attempt = $2 and part = $3`,
        [of.exportId, of.attempt, part],
      );
      return rows[0]?.bytes;
    });
    if (!bytes) return;
    yield bytes;
  }
}
