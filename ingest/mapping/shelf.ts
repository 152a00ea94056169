import { type Database, type Logger, reasonOf, type Sql } from '../../platform/index.ts';
import { failure } from '../decode/fields.ts';
import { formatByName, type PayloadFormat, type TelemetryFormat } from '../decode/index.ts';
import { compileMapping, type MappedFormat } from './compile.ts';
import { mappingDefinition } from './definition.ts';

const PREFIX = 'mapped:';
const MAX_KEPT = 5_000;

/** The name under which records keep a mapping's version. */
export function mappedFormatName(versionId: string): string {
  return `${PREFIX}${versionId}`;
}

export function isMapped(format: string): boolean {
  return format.startsWith(PREFIX);
}

/**
 * Formats by name, those built in and the versions of mappings. A version is read and compiled once; it never changes.
 * `load` first, with what is about to be asked for: `find` asks nobody.
 */
export class FormatShelf {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #role: 'auth' | 'shipper';
  readonly #mapped = new Map<string, MappedFormat>();

  constructor(deps: { db: Database; log: Logger; role: 'auth' | 'shipper' }) {
    this.#db = deps.db;
    this.#log = deps.log;
    this.#role = deps.role;
  }

  /** The format of that name; null: there is none, or it was not loaded. */
  find = (name: string): PayloadFormat | null => this.#mapped.get(name) ?? formatByName(name);

  /** The mapping's version of that name, if it is one that was loaded. */
  mapped(name: string): MappedFormat | null {
    return this.#mapped.get(name) ?? null;
  }

  /** Reads the versions among these names that are not known yet. */
  async load(names: Iterable<string | null>): Promise<void> {
    const wanted = this.#unknown(names);
    if (wanted.length > 0) await this.#db.as(this.#role, (sql) => this.#read(sql, wanted));
  }

  /** As `load`, within a transaction of one of the roles that may. */
  async loadIn(sql: Sql, names: Iterable<string | null>): Promise<void> {
    const wanted = this.#unknown(names);
    if (wanted.length > 0) await this.#read(sql, wanted);
  }

  #unknown(names: Iterable<string | null>): string[] {
    const wanted = new Set<string>();
    for (const name of names)
      if (name !== null && isMapped(name) && !this.#mapped.has(name)) wanted.add(name.slice(PREFIX.length));
    return [...wanted];
  }

  async #read(sql: Sql, ids: readonly string[]): Promise<void> {
    const { rows } = await sql.query<{ id: string; definition: unknown }>(
      'select id, definition from payload_mapping_version where id = any($1::uuid[])',
      [ids],
    );
    for (const { id, definition } of rows) {
      if (this.#mapped.size >= MAX_KEPT) this.#mapped.delete(this.#mapped.keys().next().value!);
      const name = mappedFormatName(id);
      try {
        this.#mapped.set(name, compileMapping(name, mappingDefinition.parse(definition)));
      } catch (error) {
        this.#log.error(
          { version: id, reason: reasonOf(error) },
          'a mapping’s version cannot be read; its messages wait in quarantine',
        );
      }
    }
  }
}

/** Stands for a format that is not known here: the message is kept, and waits in quarantine. */
export function unknownFormat(name: string): TelemetryFormat {
  const reason = `no format named ${name} is known here; replay the message once its mapping is back`;
  return {
    ...{ name, aliases: [], kind: 'telemetry' },
    decode: () => ({ ok: false, failure: failure('FORMAT_UNKNOWN', 'payload', reason) }),
    count: () => 1,
  };
}
