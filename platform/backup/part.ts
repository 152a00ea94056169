import type { ClientBase } from 'pg';

/** What a part's own saving and restoring works with. */
export interface PartContext {
  /** Within the backup's snapshot, or within the restored database; sees every tenant. */
  sql: ClientBase;
  /** The part's own folder of the backup. */
  folder: string;
  progress: (what: string, done: number, total: number | null) => void;
}

/** Something that lives outside of the database and the data directory, or that tables need before they can be filled. */
export interface BackupPart {
  name: string;
  /** Writes into the folder; what it returns comes back as `saved`. */
  save(context: PartContext): Promise<unknown>;
  /** Called with the schema in place and the tables still empty. */
  prepare?(context: PartContext, saved: unknown): Promise<void>;
  /** Called when the tables are full. */
  restore(context: PartContext, saved: unknown): Promise<void>;
}
