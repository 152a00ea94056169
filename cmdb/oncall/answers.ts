import type { Database, Tx } from '../../platform/index.ts';
import { type Reader, restrictedIds, seesRestricted } from '../model/redaction.ts';
import type { Calendar, Override } from './calendar.ts';
import { peopleById } from './people.ts';
import type { Rota, Shift } from './shifts.ts';
import { membersOf } from './whoIsOnCall.ts';

/** What stands in the place of whatever a reader may not see, as in verdicts. */
const WITHHELD = 'restricted';

/** Lets a reader see no id of a restricted CI. */
export interface Veil {
  /** The id, or what stands in its place. */
  id(ciId: string): string;
  /** Any JSON value with the ids in it. */
  value(value: unknown): unknown;
}

export async function veilFor(tx: Tx, reader: Reader): Promise<Veil> {
  const hidden = seesRestricted(reader) ? new Set<string>() : await restrictedIds(tx);
  const value = (of: unknown): unknown => {
    if (typeof of === 'string') return hidden.has(of) ? WITHHELD : of;
    if (Array.isArray(of)) return of.map(value);
    if (typeof of !== 'object' || of === null || of instanceof Date) return of;
    return Object.fromEntries(Object.entries(of).map(([key, inner]) => [key, value(inner)]));
  };
  return { id: (ciId) => (hidden.has(ciId) ? WITHHELD : ciId), value };
}

/** A calendar as its reader may see it. */
export function calendarAnswer<C extends Pick<Calendar, 'layers'>>(veil: Veil, calendar: C): C {
  const layers = calendar.layers.map((layer) => ({ ...layer, members: layer.members.map(veil.id) }));
  return { ...calendar, layers };
}

/** A calendar with whoever it names, as its rota is reckoned and as its reader may see it. */
export interface KnownRota extends Rota {
  readonly veil: Veil;
  readonly seen: (personId: string) => { readonly ciId: string; readonly name: string };
}

/**
 * Who is there of those whom a calendar names. It is looked up with full sight, or whoever a reader may not see would
 * look like a gap; what the reader is told of them is less.
 */
export async function knownRota(
  db: Database,
  reader: Reader & { readonly tenantId: string },
  { layers }: Pick<Calendar, 'layers'>,
  overrides: readonly Override[],
): Promise<KnownRota> {
  const { people, veil } = await db.tenant(reader.tenantId, async (tx: Tx) => ({
    people: await peopleById(tx, membersOf([{ layers }], [overrides])),
    veil: await veilFor(tx, reader),
  }));
  const seen = (personId: string) => {
    const ciId = veil.id(personId);
    return { ciId, name: ciId === WITHHELD ? WITHHELD : (people.get(personId)?.name ?? ciId) };
  };
  return { layers, overrides, isThere: (id) => people.has(id), veil, seen };
}

/** What is wrong with a calendar, in words that say what to do. */
export function problemsOf({ layers, overrides, isThere, veil }: KnownRota): string[] {
  const problems: string[] = [];
  for (const { name, members } of layers) {
    const gone = members.filter((id) => !isThere(id));
    if (gone.length === 0) continue;
    const which = [...new Set(gone.map(veil.id))].join(', ');
    problems.push(
      `Layer ${name}: ${which} ${gone.length === 1 ? 'is' : 'are'} no longer in the CMDB as a person; their turns fall to the next layer. Take them out or put others in.`,
    );
  }
  for (const { id, personId } of overrides) {
    if (!isThere(personId))
      problems.push(`Override ${id}: ${veil.id(personId)} is no longer in the CMDB as a person. Remove it.`);
  }
  return problems;
}

/** A shift as it is told; a gap says so in words. */
export function shiftAnswer({ seen, veil }: KnownRota, { fromMs, toMs, personId, by, missing: gone }: Shift) {
  const missing = gone.map(veil.id);
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const why = missing.length > 0 ? `, since ${missing.join(', ')} is no longer in the CMDB` : '';
  return {
    ...{ from, to, person: personId === null ? null : seen(personId), missing },
    layer: by !== null && 'layer' in by ? by.layer : null,
    overrideId: by !== null && 'override' in by ? by.override : null,
    gap: personId === null ? `nobody is on call from ${from.toISOString()} to ${to.toISOString()}${why}` : null,
  };
}
