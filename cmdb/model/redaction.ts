import type { Permission } from '../../platform/index.ts';
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
