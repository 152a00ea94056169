import type { Tx } from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';

export interface ReachQuestion {
  /** FAILURE: what needs it; NEED: what it needs; ANY: both, and facts. The way is not turned. */
  readonly direction: 'FAILURE' | 'NEED' | 'ANY';
  readonly types: readonly string[] | null;
  readonly depth: number;
  /** CIs of one answer, the root not counted. */
  readonly limit: number;
}

export interface ReachedIds {
  /** Nearest first, those of one distance by id. */
  readonly items: readonly { readonly id: string; readonly distance: number }[];
  readonly truncated: boolean;
}

interface EdgeRow {
  at: string;
  type: string;
  isFrom: boolean;
  fromType: string;
  toType: string;
  other: string;
}

interface Walk {
  readonly found: Map<string, number>;
  frontier: string[];
  truncated: boolean;
}

/**
 * What several CIs reach, each by itself, step by step together: one statement a step, whatever the number of CIs.
 * O(relations of what is reached)
 */
export async function reachOf(
  tx: Tx,
  model: CmdbModel,
  roots: readonly string[],
  question: ReachQuestion,
): Promise<Map<string, ReachedIds>> {
  const walks = new Map<string, Walk>(
    roots.map((root) => [root, { found: new Map([[root, 0]]), frontier: [root], truncated: false }]),
  );
  // One step more than is told shows whether there is more.
  for (let distance = 1; distance <= question.depth + 1; distance++) {
    const going = [...walks.values()].filter(({ frontier }) => frontier.length > 0);
    if (going.length === 0) break;
    const next = await neighbours(tx, model, [...new Set(going.flatMap(({ frontier }) => frontier))], question);
    for (const walk of going) step(walk, next, distance, question);
  }
  return new Map(
    [...walks].map(([root, { found, truncated }]) => [
      root,
      { items: [...found].slice(1).map(([id, distance]) => ({ id, distance })), truncated },
    ]),
  );
}

function step(
  walk: Walk,
  next: ReadonlyMap<string, readonly string[]>,
  distance: number,
  question: ReachQuestion,
): void {
  const ids = new Set(walk.frontier.flatMap((id) => next.get(id) ?? []).filter((id) => !walk.found.has(id)));
  walk.frontier = [];
  if (ids.size === 0) return;
  if (distance > question.depth) {
    walk.truncated = true;
    return;
  }
  for (const id of [...ids].sort()) {
    if (walk.found.size > question.limit) {
      walk.truncated = true;
      walk.frontier = [];
      return;
    }
    walk.found.set(id, distance);
    walk.frontier.push(id);
  }
}

/** The CIs one step from each of these. */
async function neighbours(
  tx: Tx,
  model: CmdbModel,
  ids: readonly string[],
  { direction, types }: ReachQuestion,
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<EdgeRow>(
    `select e.at, e.type, e.is_from as "isFrom", f.type as "fromType", t.type as "toType",
            case when e.is_from then e.to_id else e.from_id end as other
     from (select from_id as at, true as is_from, from_id, type, to_id from cmdb_relation
           where tenant_id = $1 and from_id = any($2::uuid[])
           union all
           select to_id, false, from_id, type, to_id from cmdb_relation
           where tenant_id = $1 and to_id = any($2::uuid[])) e
     join cmdb_ci f on f.tenant_id = $1 and f.id = e.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = e.to_id
     where $3::text[] is null or e.type = any($3)`,
    [tx.tenantId, ids, types],
  );
  const next = new Map<string, string[]>();
  for (const { at, type, isFrom, fromType, toType, other } of rows) {
    if (direction !== 'ANY') {
      const impact = model.directionOf(type, fromType, toType);
      if (impact === 'none') continue;
      // The end that suffers is `from` of what fails at `to`.
      const otherSuffers = (impact === 'to-fails') !== isFrom;
      if (otherSuffers !== (direction === 'FAILURE')) continue;
    }
    const known = next.get(at);
    if (known === undefined) next.set(at, [other]);
    else known.push(other);
  }
  return next;
}
