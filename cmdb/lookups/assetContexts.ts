import type { Tx } from '../../platform/index.ts';

/** Somebody whom the graph names as responsible, with how to reach them. */
export interface ContextParty {
  readonly ciId: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: 'zh-CN' | 'en';
}

/** What contains an asset and who answers for it. */
export interface AssetContext {
  /** The machine that the asset is part of, or the asset itself when it is one. */
  readonly machine: { readonly ciId: string; readonly name: string } | null;
  /** The nearest line, and the device that obeys its commands. */
  readonly line: { readonly ciId: string; readonly name: string; readonly device: string | null } | null;
  /** Keys of the line, buildings and site that contain the asset, nearest first. */
  readonly places: readonly string[];
  /** Persons and teams that own or support the nearest container that names any. */
  readonly leaders: readonly ContextParty[];
  /** Suppliers of, or supporting, the nearest container that names any. */
  readonly suppliers: readonly ContextParty[];
}

interface Container {
  asset: string;
  depth: number;
  id: string;
  key: string;
  type: string;
  name: string;
  device: string | null;
}

interface PartyRow extends ContextParty {
  of: string;
  type: string;
}

/** A deeper nesting of parts and places is taken for a circle. */
const DEEPEST = 32;
const PLACES: ReadonlySet<string> = new Set(['line', 'building', 'site']);

/** The surroundings of any number of assets, in two queries. An asset that the graph does not hold is left out. */
export async function assetContexts(tx: Tx, ciIds: readonly string[]): Promise<Map<string, AssetContext>> {
  if (ciIds.length === 0) return new Map();
  const containers = await containersOf(tx, ciIds);
  const parties = await partiesOf(tx, [...new Set(containers.map((c) => c.id))]);
  const contexts = new Map<string, AssetContext>();
  for (const [asset, around] of Map.groupBy(containers, (c) => c.asset)) {
    const nearest = (wanted: (party: PartyRow) => boolean): ContextParty[] => {
      const first = around.find((c) => (parties.get(c.id) ?? []).some(wanted));
      return (first ? parties.get(first.id)! : []).filter(wanted).map(({ of: _, type: __, ...party }) => party);
    };
    const machine = around.find((c) => c.type === 'equipment');
    const line = around.find((c) => c.type === 'line');
    contexts.set(asset, {
      machine: machine ? { ciId: machine.id, name: machine.name } : null,
      line: line ? { ciId: line.id, name: line.name, device: line.device } : null,
      places: around.filter((c) => PLACES.has(c.type)).map((c) => c.key),
      leaders: nearest((party) => party.type !== 'supplier'),
      suppliers: nearest((party) => party.type === 'supplier'),
    });
  }
  return contexts;
}

/** Each asset itself (depth 0) and all that contains it, nearest first; a sensor or measuring point is where it measures. */
async function containersOf(tx: Tx, ciIds: readonly string[]): Promise<Container[]> {
  const { rows } = await tx.query<Container>(
    `with recursive up as (
       select asset, asset as id, 0 as depth from unnest($2::uuid[]) as a (asset)
       union
       select up.asset, r.to_id, up.depth + 1 from up
         join cmdb_relation r
           on r.tenant_id = $1 and r.from_id = up.id
              and (r.type in ('PART_OF', 'LOCATED_IN') or (r.type = 'MONITORS' and up.depth = 0))
        where up.depth < $3)
     select up.asset, min(up.depth) as depth, c.id, c.key, c.type, c.name, c.attributes->>'device' as device
       from up join cmdb_ci c on c.tenant_id = $1 and c.id = up.id
      group by up.asset, c.id, c.key, c.type, c.name, c.attributes order by up.asset, min(up.depth), c.key`,
    [tx.tenantId, [...new Set(ciIds)], DEEPEST],
  );
  return rows;
}

/** Who answers for each of these CIs: those accountable before deputies, each by name. */
async function partiesOf(tx: Tx, ciIds: readonly string[]): Promise<Map<string, PartyRow[]>> {
  const { rows } = await tx.query<PartyRow>(
    `select distinct on (r.from_id, rank, p.name, p.id) r.from_id as of, p.type, p.id as "ciId", p.name,
            nullif(p.attributes->>'email', '') as email, nullif(p.attributes->>'phone', '') as phone,
            case when lower(p.attributes->>'locale') like 'zh%' then 'zh-CN' else 'en' end as locale,
            case when r.attributes->>'role' = 'deputy' then 1 else 0 end as rank
       from cmdb_relation r join cmdb_ci p on p.tenant_id = $1 and p.id = r.to_id
      where r.tenant_id = $1 and r.from_id = any($2::uuid[])
        and ((p.type in ('person', 'team') and r.type in ('OWNED_BY', 'SUPPORTED_BY'))
          or (p.type = 'supplier' and r.type in ('SUPPLIED_BY', 'SUPPORTED_BY')))
      order by r.from_id, rank, p.name, p.id`,
    [tx.tenantId, ciIds],
  );
  const parties = new Map<string, PartyRow[]>();
  for (const { of, type, ciId, name, email, phone, locale } of rows) {
    const known = parties.get(of) ?? [];
    // A supplier may be tied by two relations.
    if (!known.some((p) => p.ciId === ciId)) known.push({ of, type, ciId, name, email, phone, locale });
    parties.set(of, known);
  }
  return parties;
}
