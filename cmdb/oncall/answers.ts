import type { Database, Principal, Tx } from '../../platform/index.ts';
import { restrictedIds, seesRestricted } from '../model/redaction.ts';
import type { Calendar, Override } from './calendar.ts';
import { peopleById } from './people.ts';
import type { Rota, Shift } from './shifts.ts';
import { membersOf } from './whoIsOnCall.ts';

/** A person as somebody may see them; both null: there is one, whom the reader may not see. */
export interface SeenPerson {
  readonly ciId: string | null;
  readonly name: string | null;
}

/** A calendar with whoever it names, as its rota is reckoned and as its reader may see it. */
export interface KnownRota extends Rota {
  readonly seen: (personId: string) => SeenPerson;
}

/**
 * Who is there of those whom a calendar names. It is looked up with full sight, or whoever a reader may not see would
 * look like a gap; what the reader is told of them is less.
 */
export async function knownRota(
  db: Database,
  reader: Principal,
  { layers }: Pick<Calendar, 'layers'>,
  overrides: readonly Override[],
): Promise<KnownRota> {
  const { people, hidden } = await db.tenant(reader.tenantId, async (tx: Tx) => ({
    people: await peopleById(tx, membersOf([{ layers }], [overrides])),
    hidden: seesRestricted(reader) ? new Set<string>() : await restrictedIds(tx),
  }));
  return {
    ...{ layers, overrides, isThere: (id) => people.has(id) },
    seen: (id) => (hidden.has(id) ? { ciId: null, name: null } : { ciId: id, name: people.get(id)?.name ?? null }),
  };
}

/** What is wrong with a calendar, in words that say what to do. */
export function problemsOf({ layers, overrides, isThere }: Rota): string[] {
  const problems: string[] = [];
  for (const { name, members } of layers) {
    const gone = members.filter((id) => !isThere(id));
    if (gone.length === 0) continue;
    const which = [...new Set(gone)].join(', ');
    problems.push(
      `Layer ${name}: ${which} ${gone.length === 1 ? 'is' : 'are'} no longer in the CMDB as a person; their turns fall to the next layer. Take them out or put others in.`,
    );
  }
  for (const { id, personId } of overrides) {
    if (!isThere(personId))
      problems.push(`Override ${id}: ${personId} is no longer in the CMDB as a person. Remove it.`);
  }
  return problems;
}

/** A shift as it is told; a gap says so in words. */
export function shiftAnswer({ seen }: KnownRota, { fromMs, toMs, personId, by, missing }: Shift) {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const gone = missing.length > 0 ? `, since ${missing.join(', ')} is no longer in the CMDB` : '';
  return {
    ...{ from, to, person: personId === null ? null : seen(personId), missing },
    layer: by !== null && 'layer' in by ? by.layer : null,
    overrideId: by !== null && 'override' in by ? by.override : null,
    gap: personId === null ? `nobody is on call from ${from.toISOString()} to ${to.toISOString()}${gone}` : null,
  };
}
