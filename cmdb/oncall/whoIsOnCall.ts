import type { Tx } from '../../platform/index.ts';
import type { Calendar } from './calendar.ts';
import { type OnCallPerson, peopleById } from './people.ts';
import { onCallAt, type Shift } from './shifts.ts';
import { overridesOf } from './store.ts';

/** What one calendar says of a CI at a time. */
export interface Standing {
  readonly calendar: { readonly id: string; readonly name: string; readonly ciId: string };
  /** `own`: the calendar is the CI's; `team`: that of a team which owns it. */
  readonly via: 'own' | 'team';
  /** Null: nobody is on call. */
  readonly person: OnCallPerson | null;
  /** Until when that holds at least, ms since 1970. */
  readonly untilMs: number;
  /** Ids of people who would be on call and are no longer in the CMDB. */
  readonly missing: readonly string[];
}

type Found = Pick<Calendar, 'id' | 'ciId' | 'name' | 'layers'> & { of: string; via: 'own' | 'team' };

/**
 * Who is on call for CIs at a time: by their own calendars, else by those of the teams that own them, teams that are
 * accountable before those that are deputies. A CI without any calendar is left out.
 *
 * @param ciIds any number; three queries for all of them
 */
export async function whoIsOnCall(
  tx: Tx,
  ciIds: readonly string[],
  atMs: number,
): Promise<ReadonlyMap<string, readonly Standing[]>> {
  const found = ciIds.length === 0 ? [] : await calendarsFor(tx, ciIds);
  if (found.length === 0) return new Map();
  const ids = [...new Set(found.map(({ id }) => id))];
  const overrides = await overridesOf(tx, ids, new Date(atMs));
  const people = await peopleById(tx, membersOf(found, overrides.values()));
  const shifts = new Map<string, Shift>();
  for (const { id, layers } of found) {
    if (shifts.has(id)) continue;
    const rota = { layers, overrides: overrides.get(id) ?? [], isThere: (person: string) => people.has(person) };
    shifts.set(id, onCallAt(rota, atMs));
  }
  const standings = new Map<string, Standing[]>();
  for (const { of, via, id, name, ciId } of found) {
    const { personId, toMs, missing } = shifts.get(id)!;
    const person = personId === null ? null : people.get(personId)!;
    const standing = { calendar: { id, name, ciId }, via, person, untilMs: toMs, missing };
    standings.set(of, [...(standings.get(of) ?? []), standing]);
  }
  return standings;
}

/** Everybody whom calendars name. */
export function* membersOf(
  calendars: Iterable<Pick<Calendar, 'layers'>>,
  overrides: Iterable<readonly { readonly personId: string }[]>,
): Generator<string> {
  for (const { layers } of calendars) for (const { members } of layers) yield* members;
  for (const some of overrides) for (const { personId } of some) yield personId;
}

async function calendarsFor(tx: Tx, ciIds: readonly string[]): Promise<Found[]> {
  const { rows } = await tx.query<Found>(
    `with own as (
       select k.ci_id as of, 'own' as via, k.id, k.ci_id as "ciId", k.name, k.layers
       from cmdb_oncall_calendar k where k.tenant_id = $1 and k.ci_id = any ($2::uuid[])),
     teams as (
       select r.from_id as of, r.to_id as team,
              rank() over (partition by r.from_id order by (r.attributes->>'role' = 'deputy') is true) as rank
       from cmdb_relation r
       where r.tenant_id = $1 and r.type = 'OWNED_BY' and r.from_id = any ($2::uuid[])
         and exists (select from cmdb_oncall_calendar k where k.tenant_id = $1 and k.ci_id = r.to_id)
         and not exists (select from own where own.of = r.from_id))
     select * from own
     union all
     select t.of, 'team', k.id, k.ci_id, k.name, k.layers
     from teams t join cmdb_oncall_calendar k on k.tenant_id = $1 and k.ci_id = t.team
     where t.rank = 1 order by id`,
    [tx.tenantId, ciIds],
  );
  return rows;
}
