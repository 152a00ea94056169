import type { Tx } from '../../platform/index.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import type { ImpactDirection } from '../model/definitions.ts';

/** Relations read at each CI; those of a hub are more than anybody looks at. */
const MOST_READ = 1_000;

export type Side = 'providers' | 'dependents' | 'facts';

export interface PartCi {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  /** Steps from where the question began. */
  readonly distance: number;
  /** CIs beside it that are not in the part: what it needs, what needs it, and what is tied to it without impact. */
  readonly hidden: Readonly<Record<Side, number>>;
}

export interface PartRelation {
  readonly id: string;
  readonly type: string;
  readonly fromId: string;
  readonly toId: string;
  readonly impact: ImpactDirection;
  readonly redundancyGroup: string | null;
  readonly confidence: number;
  readonly lastSeenAt: Date;
}

export interface PartQuestion {
  readonly around: readonly PartRoot[];
  /** What the roots need, what needs them, or both; the way is not turned on the way. */
  readonly direction: 'providers' | 'dependents' | 'both';
  readonly depth: number;
  /** Also relations that carry no impact: owners, places, agreements. */
  readonly facts: boolean;
  /** Neighbours that are told of each CI at most… */
  readonly fanout: number;
  /** …but for these: their neighbours in all directions are told, as many as there is room for. */
  readonly open: ReadonlySet<string>;
  /** CIs of the part at most. */
  readonly most: number;
  /** Those with a lower rank are told first. */
  rank(ciId: string): number;
}

export type PartRoot = Pick<PartCi, 'id' | 'key' | 'type' | 'name' | 'status'>;

interface Step {
  readonly id: string;
  readonly direction: 'providers' | 'dependents' | 'both';
  readonly left: number;
}

interface Tie {
  readonly at: string;
  readonly other: PartRoot;
  readonly side: Side;
  readonly relation: PartRelation;
}

/** A part of the graph as it stands: what some CIs need, and what needs them, some steps far. */
export async function neighbourhood(
  tx: Tx,
  model: CmdbModel,
  question: PartQuestion,
): Promise<{ cis: PartCi[]; relations: PartRelation[]; truncated: boolean }> {
  const { depth, facts, fanout, open, most, rank } = question;
  const known = new Map<string, PartRoot & { distance: number }>();
  for (const root of question.around) known.set(root.id, { ...root, distance: 0 });
  const opened = (step: Step): Step => (open.has(step.id) ? { ...step, direction: 'both', left: 1 } : step);
  let frontier: Step[] = question.around.map(({ id }) => ({ id, direction: question.direction, left: depth }));
  frontier = frontier.map((step) => (step.left === 0 ? opened(step) : step));
  let truncated = false;
  for (let distance = 1; frontier.length > 0; distance++) {
    const going = frontier.filter(({ left }) => left > 0);
    const found = await tiesOf(tx, model, going, facts);
    frontier = [];
    for (const step of going) {
      const all = open.has(step.id);
      const wanted = (found.get(step.id) ?? []).filter(({ side, other }) => {
        return (
          !known.has(other.id) && (side === 'facts' || all || step.direction === 'both' || step.direction === side)
        );
      });
      wanted.sort((a, b) => rank(a.other.id) - rank(b.other.id));
      const shown = { providers: 0, dependents: 0, facts: 0 };
      for (const { other, side } of wanted) {
        if (known.has(other.id) || (!all && shown[side] === fanout)) continue;
        if (known.size === most) {
          truncated = true;
          break;
        }
        shown[side] += 1;
        known.set(other.id, { ...other, distance });
        const left = side === 'facts' ? 0 : step.left - 1;
        frontier.push(opened({ id: other.id, direction: side === 'facts' ? 'both' : side, left }));
      }
    }
  }
  const ids = [...known.keys()];
  const relations = await relationsAmong(tx, model, ids);
  const hidden = await counted(tx, model, ids);
  for (const { fromId, toId, impact } of relations) {
    hidden.get(fromId)![sideOf(impact, true)] -= 1;
    hidden.get(toId)![sideOf(impact, false)] -= 1;
  }
  const cis = [...known.values()].map((ci) => ({ ...ci, hidden: hidden.get(ci.id)! }));
  return { cis, relations: relations.filter(({ impact }) => facts || impact !== 'none'), truncated };
}

/** What the CI at the other end is to the one that a relation begins (or ends) at. */
function sideOf(impact: ImpactDirection, isFrom: boolean): Side {
  if (impact === 'none') return 'facts';
  return (impact === 'to-fails') === isFrom ? 'providers' : 'dependents';
}

interface RelationRow {
  id: string;
  type: string;
  fromId: string;
  toId: string;
  fromType: string;
  toType: string;
  redundancyGroup: string | null;
  confidence: number;
  lastSeenAt: Date;
}

const RELATION = `r.id, r.type, r.from_id as "fromId", r.to_id as "toId", r.redundancy_group as "redundancyGroup",
  r.confidence, r.last_seen_at as "lastSeenAt"`;

function relationOf(model: CmdbModel, { fromType, toType, ...row }: RelationRow): PartRelation {
  return { ...row, impact: model.directionOf(row.type, fromType, toType) };
}

/** Relations at these CIs with the CI at the other end, by CI. */
async function tiesOf(tx: Tx, model: CmdbModel, steps: readonly Step[], facts: boolean): Promise<Map<string, Tie[]>> {
  const { rows } = await tx.query<RelationRow & { at: string; atType: string; other: PartRoot }>(
    `select s.id as at, a.type as "atType", ${RELATION},
            jsonb_build_object('id', c.id, 'key', c.key, 'type', c.type, 'name', c.name, 'status', c.status) as other
     from unnest($2::uuid[]) s(id)
     join cmdb_ci a on a.tenant_id = $1 and a.id = s.id
     cross join lateral (
       (select * from cmdb_relation where tenant_id = $1 and from_id = s.id limit ${MOST_READ})
       union all
       (select * from cmdb_relation where tenant_id = $1 and to_id = s.id limit ${MOST_READ})) r
     join cmdb_ci c on c.tenant_id = $1 and c.id = case when r.from_id = s.id then r.to_id else r.from_id end
     order by c.key`,
    [tx.tenantId, steps.map(({ id }) => id)],
  );
  const ties = new Map<string, Tie[]>();
  for (const { at, atType, other, ...row } of rows) {
    const isFrom = row.fromId === at;
    const types = isFrom ? { fromType: atType, toType: other.type } : { fromType: other.type, toType: atType };
    const relation = relationOf(model, { ...row, ...types });
    const side = sideOf(relation.impact, isFrom);
    if (side === 'facts' && !facts) continue;
    const known = ties.get(at);
    if (known === undefined) ties.set(at, [{ at, other, side, relation }]);
    else known.push({ at, other, side, relation });
  }
  return ties;
}

async function relationsAmong(tx: Tx, model: CmdbModel, ids: readonly string[]): Promise<PartRelation[]> {
  const { rows } = await tx.query<RelationRow>(
    `select ${RELATION}, f.type as "fromType", t.type as "toType"
     from cmdb_relation r
     join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     where r.tenant_id = $1 and r.from_id = any ($2::uuid[]) and r.to_id = any ($2::uuid[]) order by r.id`,
    [tx.tenantId, ids],
  );
  return rows.map((row) => relationOf(model, row));
}

/** How many relations each CI has, by what they mean to it. */
async function counted(tx: Tx, model: CmdbModel, ids: readonly string[]): Promise<Map<string, Record<Side, number>>> {
  const { rows } = await tx.query<{
    at: string;
    fromType: string;
    type: string;
    toType: string;
    isFrom: boolean;
    count: number;
  }>(
    `select e.at, f.type as "fromType", e.type, t.type as "toType", e.is_from as "isFrom", count(*)::int as count
     from (select from_id as at, from_id, type, to_id, true as is_from from cmdb_relation
           where tenant_id = $1 and from_id = any ($2::uuid[])
           union all
           select to_id, from_id, type, to_id, false from cmdb_relation
           where tenant_id = $1 and to_id = any ($2::uuid[])) e
     join cmdb_ci f on f.tenant_id = $1 and f.id = e.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = e.to_id
     group by 1, 2, 3, 4, 5`,
    [tx.tenantId, ids],
  );
  const counts = new Map<string, Record<Side, number>>(
    ids.map((id) => [id, { providers: 0, dependents: 0, facts: 0 }]),
  );
  for (const { at, fromType, type, toType, isFrom, count } of rows) {
    counts.get(at)![sideOf(model.directionOf(type, fromType, toType), isFrom)] += count;
  }
  return counts;
}
