import { newId, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { Calendar, Layer, Override } from './calendar.ts';

const CALENDAR = `k.id, k.ci_id as "ciId", k.name, k.layers, k.version, k.updated_at as "updatedAt",
  k.updated_by as "updatedBy"`;
const OVERRIDE = 'id, person_id as "personId", from_at as "from", to_at as "to", reason';

/** Overrides of one calendar that are not over: more would make every question slow. */
const MOST_OVERRIDES = 200;

/** Who changes something, when and why. */
export interface ChangeBy {
  readonly author: string;
  readonly at: Date;
  readonly reason: string | null;
}

/** Calendars in the order in which they were made. */
export async function listCalendars(
  tx: Tx,
  page: { ciId?: string | undefined; after?: string | undefined; limit: number },
): Promise<Calendar[]> {
  const { rows } = await tx.query<Calendar>(
    `select ${CALENDAR} from cmdb_oncall_calendar k
     where k.tenant_id = $1 and ($2::uuid is null or k.ci_id = $2) and ($3::uuid is null or k.id > $3)
     order by k.id limit $4`,
    [tx.tenantId, page.ciId ?? null, page.after ?? null, page.limit],
  );
  return rows;
}

/** @throws {FaultlineError} CMDB_ONCALL_UNKNOWN */
export async function readCalendar(tx: Tx, id: string): Promise<Calendar> {
  const { rows } = await tx.query<Calendar>(
    `select ${CALENDAR} from cmdb_oncall_calendar k where k.tenant_id = $1 and k.id = $2`,
    [tx.tenantId, id],
  );
  if (!rows[0]) throw cmdbErrors.CMDB_ONCALL_UNKNOWN({ id });
  return rows[0];
}

/** The calendar, alone under its lock until the transaction ends. @throws {FaultlineError} CMDB_ONCALL_UNKNOWN */
async function lockCalendar(tx: Tx, id: string): Promise<Calendar> {
  await tx.query('select 1 from cmdb_oncall_calendar where tenant_id = $1 and id = $2 for update', [tx.tenantId, id]);
  return readCalendar(tx, id);
}

export async function addCalendar(
  tx: Tx,
  calendar: { ciId: string; name: string; layers: readonly Layer[] },
  by: ChangeBy,
): Promise<Calendar> {
  const id = newId();
  await tx.query(
    `insert into cmdb_oncall_calendar (tenant_id, id, ci_id, name, layers, version, updated_at, updated_by)
     values ($1, $2, $3, $4, $5, 1, $6, $7)`,
    [tx.tenantId, id, calendar.ciId, calendar.name, JSON.stringify(calendar.layers), by.at, by.author],
  );
  await record(tx, id, 'calendar', null, calendar, by);
  return readCalendar(tx, id);
}

/** @throws {FaultlineError} CMDB_ONCALL_UNKNOWN, CMDB_ONCALL_CHANGED when somebody has written since `version` was read */
export async function putCalendar(
  tx: Tx,
  id: string,
  { version, name, layers }: { version: number; name: string; layers: readonly Layer[] },
  by: ChangeBy,
): Promise<Calendar> {
  const before = await lockCalendar(tx, id);
  if (before.version !== version) {
    throw cmdbErrors.CMDB_ONCALL_CHANGED({ version: before.version }, { field: 'version' });
  }
  await tx.query(
    `update cmdb_oncall_calendar set name = $3, layers = $4, version = version + 1, updated_at = $5, updated_by = $6
     where tenant_id = $1 and id = $2`,
    [tx.tenantId, id, name, JSON.stringify(layers), by.at, by.author],
  );
  await record(tx, id, 'calendar', said(before), { ciId: before.ciId, name, layers }, by);
  return readCalendar(tx, id);
}

/** @throws {FaultlineError} CMDB_ONCALL_UNKNOWN */
export async function removeCalendar(tx: Tx, id: string, by: ChangeBy): Promise<void> {
  const before = await lockCalendar(tx, id);
  await tx.query('delete from cmdb_oncall_calendar where tenant_id = $1 and id = $2', [tx.tenantId, id]);
  await record(tx, id, 'calendar', said(before), null, by);
}

const said = ({ ciId, name, layers }: Calendar) => ({ ciId, name, layers });

/** Overrides of calendars that are not over at a time, by the calendar's id, in the order in which they were entered. */
export async function overridesOf(tx: Tx, ids: readonly string[], at: Date): Promise<Map<string, Override[]>> {
  const { rows } = await tx.query<Override & { calendarId: string }>(
    `select ${OVERRIDE}, calendar_id as "calendarId" from cmdb_oncall_override
     where tenant_id = $1 and calendar_id = any ($2::uuid[]) and to_at > $3 order by id`,
    [tx.tenantId, ids, at],
  );
  const of = new Map<string, Override[]>();
  for (const { calendarId, ...override } of rows) of.set(calendarId, [...(of.get(calendarId) ?? []), override]);
  return of;
}

/** @throws {FaultlineError} CMDB_ONCALL_UNKNOWN, CMDB_ONCALL_OVERRIDE_ORDER, CMDB_ONCALL_OVERRIDES */
export async function addOverride(
  tx: Tx,
  calendarId: string,
  override: { personId: string; from: Date; to: Date },
  by: ChangeBy,
): Promise<Override> {
  await lockCalendar(tx, calendarId);
  if (override.to <= override.from) throw cmdbErrors.CMDB_ONCALL_OVERRIDE_ORDER({}, { field: 'to' });
  const standing = (await overridesOf(tx, [calendarId], by.at)).get(calendarId) ?? [];
  if (standing.length >= MOST_OVERRIDES) throw cmdbErrors.CMDB_ONCALL_OVERRIDES({ most: MOST_OVERRIDES });
  const { rows } = await tx.query<Override>(
    `insert into cmdb_oncall_override (tenant_id, id, calendar_id, person_id, from_at, to_at, reason)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${OVERRIDE}`,
    [tx.tenantId, newId(), calendarId, override.personId, override.from, override.to, by.reason],
  );
  await record(tx, calendarId, 'override', null, rows[0]!, by);
  return rows[0]!;
}

/** @throws {FaultlineError} CMDB_ONCALL_UNKNOWN, CMDB_ONCALL_OVERRIDE_UNKNOWN */
export async function removeOverride(tx: Tx, calendarId: string, id: string, by: ChangeBy): Promise<void> {
  await lockCalendar(tx, calendarId);
  const { rows } = await tx.query<Override>(
    `delete from cmdb_oncall_override where tenant_id = $1 and calendar_id = $2 and id = $3 returning ${OVERRIDE}`,
    [tx.tenantId, calendarId, id],
  );
  if (!rows[0]) throw cmdbErrors.CMDB_ONCALL_OVERRIDE_UNKNOWN({ id });
  await record(tx, calendarId, 'override', rows[0], null, by);
}

/** One change of a calendar or of its overrides. */
export interface OnCallChange {
  readonly seq: bigint;
  readonly what: 'calendar' | 'override';
  readonly before: unknown;
  readonly after: unknown;
  readonly author: string;
  readonly reason: string | null;
  readonly at: Date;
}

async function record(
  tx: Tx,
  calendarId: string,
  what: OnCallChange['what'],
  before: unknown,
  after: unknown,
  by: ChangeBy,
): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  await tx.query(
    `insert into cmdb_oncall_change (tenant_id, calendar_id, what, before, after, author, reason, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.tenantId, calendarId, what, json(before), json(after), by.author, by.reason, by.at],
  );
}

/** What became of a calendar, newest first, before a given change. */
export async function calendarChanges(
  tx: Tx,
  calendarId: string,
  page: { before?: bigint | undefined; limit: number },
): Promise<OnCallChange[]> {
  const { rows } = await tx.query<OnCallChange>(
    `select seq, what, before, after, author, reason, at from cmdb_oncall_change
     where tenant_id = $1 and calendar_id = $2 and ($3::bigint is null or seq < $3)
       and ((select cmdb_sees_restricted()) or not exists (
         select from cmdb_oncall_change c join cmdb_restricted x on x.ci_id = (coalesce(c.after, c.before)->>'ciId')::uuid
         where c.tenant_id = $1 and c.calendar_id = $2))
     order by seq desc limit $4`,
    [tx.tenantId, calendarId, page.before ?? null, page.limit],
  );
  return rows;
}

/** Lets one person take the turns of another, in all calendars. @param ids tenant, who goes, who stays */
export async function takeTurns(tx: Tx, ids: readonly string[], by: ChangeBy): Promise<void> {
  await tx.query(
    `with changed as (
       update cmdb_oncall_calendar k set layers = replace(k.layers::text, $2, $3)::jsonb, version = k.version + 1
       from cmdb_oncall_calendar was
       where k.tenant_id = $1 and was.tenant_id = $1 and was.id = k.id and strpos(k.layers::text, $2) > 0
       returning k.*, was.layers as was)
     insert into cmdb_oncall_change (tenant_id, calendar_id, what, before, after, author, reason, at)
     select tenant_id, id, 'calendar', jsonb_build_object('ciId', ci_id, 'name', name, 'layers', was),
            jsonb_build_object('ciId', ci_id, 'name', name, 'layers', layers), $4, $5, $6::timestamptz from changed`,
    [...ids, by.author, by.reason, by.at],
  );
  await tx.query(
    'update cmdb_oncall_override set person_id = $3::uuid where tenant_id = $1 and person_id = $2::uuid',
    ids,
  );
}
