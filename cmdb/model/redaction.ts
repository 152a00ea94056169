import type { Database, Permission, Tx } from '../../platform/index.ts';
import type { CmdbModel } from './cmdbModel.ts';

/** Who reads. */
export interface Reader {
  readonly permissions: ReadonlySet<Permission>;
}

/** Whether somebody is shown attributes that a model keeps as sensitive. */
export function seesAll({ permissions }: Reader): boolean {
  return permissions.has('cmdb:sensitive');
}

/**
 * Whether somebody is shown restricted CIs. Who changes the graph or its model is: a change is compared with all that is
 * there, so that its refusal would tell what is withheld, and the model says what is.
 */
export function seesRestricted({ permissions }: Reader): boolean {
  return SEEING.some((permission) => permissions.has(permission));
}

const SEEING = ['cmdb:restricted', 'cmdb:write', 'cmdb:model'] as const satisfies readonly Permission[];

/**
 * A transaction that shows no more of the graph than its reader may see: to one without cmdb:restricted a restricted CI
 * is not there, nor is anything that tells of it, by whatever query. Every way out of the CMDB's tables reads in one.
 */
export function readingAs<T>(
  db: Database,
  reader: Reader & { readonly tenantId: string },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return db.tenant(reader.tenantId, async (tx) => {
    await limitSight(tx, reader);
    return work(tx);
  });
}

/** From here on the transaction shows no more than its reader may see. */
export async function limitSight(tx: Tx, reader: Reader): Promise<void> {
  if (!seesRestricted(reader)) await tx.query("select set_config('faultline.cmdb_sight', 'open', true)");
}

/** Ids of all CIs that are or, being removed, were restricted. */
export async function restrictedIds(tx: Tx): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>('select ci_id as id from cmdb_restricted where tenant_id = $1', [
    tx.tenantId,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Attributes of a CI as somebody may see them: sensitive ones are left out without cmdb:sensitive, and named. Every way
 * out of the CMDB goes through here: REST, history, exports, queries.
 */
export function redactedAttributes<A extends Readonly<Record<string, unknown>>>(
  model: CmdbModel,
  reader: Reader,
  type: string,
  attributes: A,
): { attributes: A | Record<string, unknown>; redacted: string[] } {
  const sensitive = model.sensitive(type);
  if (sensitive.size === 0 || seesAll(reader)) return { attributes, redacted: [] };
  const redacted = Object.keys(attributes).filter((name) => sensitive.has(name));
  if (redacted.length === 0) return { attributes, redacted };
  const shown = Object.entries(attributes).filter(([name]) => !sensitive.has(name));
  return { attributes: Object.fromEntries(shown), redacted };
}

/** A CI as somebody may see it. */
export function redactedCi<C extends { type: string; attributes: Record<string, unknown> }>(
  model: CmdbModel,
  reader: Reader,
  ci: C,
): C & { redacted: string[] } {
  return { ...ci, ...redactedAttributes(model, reader, ci.type, ci.attributes) };
}

/** A state of a CI, as the history keeps it, as somebody may see it; null where there is none. */
export function redactedState(model: CmdbModel, reader: Reader, state: unknown): unknown {
  if (state === null || typeof state !== 'object') return state;
  const { type, attributes } = state as { type?: unknown; attributes?: unknown };
  if (typeof type !== 'string' || attributes === null || typeof attributes !== 'object') return state;
  return { ...state, ...redactedAttributes(model, reader, type, attributes as Record<string, unknown>) };
}
