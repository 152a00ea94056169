import { type Tx, toPage } from '../../platform/index.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { type Reader, redactedState } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import { type Difference, type DiffPlace, diff, type FieldDifference, fieldDifferences, keysOf } from './diff.ts';
import { type Moment, pastVersion } from './moment.ts';

/** A difference as somebody may see it, with the keys of what it is about. */
export interface ShownDifference extends Omit<Difference, 'before' | 'after'> {
  readonly change: 'created' | 'changed' | 'removed';
  readonly key: string;
  readonly otherKey: string | null;
  readonly before: unknown;
  readonly after: unknown;
  /** Of a change: what differs, attributes one by one. */
  readonly fields: readonly FieldDifference[];
}

/** What a cursor of a page looks like. */
export const DIFF_CURSOR = /^(ci|relation)\|[0-9a-f-]{36}\|([0-9a-f-]{36})?\|\w*$/;

/** A page of what differs between two moments. @param asked.to now, if not given */
export async function diffPage(
  tx: Tx,
  reader: Reader,
  asked: { from: Moment; to: Moment | null; cursor: string | null; limit: number },
): Promise<{ items: ShownDifference[]; nextCursor: string | null; from: bigint; to: bigint }> {
  const { version: from } = await pastVersion(tx, asked.from);
  const { version: to } = await pastVersion(tx, asked.to ?? { at: new Date(8.64e15) });
  const rows = await diff(tx, from, to, { after: placeOf(asked.cursor), limit: asked.limit + 1 });
  const page = toPage(rows, asked.limit, cursorOf);
  const model = await currentModel(tx);
  const ids = page.items.flatMap(({ ciId, otherId }) => (otherId === null ? [ciId] : [ciId, otherId]));
  const keys = await keysOf(tx, ids);
  const items = page.items.map((row) => ({
    ...row,
    key: keys.get(row.ciId) ?? row.ciId,
    otherKey: row.otherId && (keys.get(row.otherId) ?? row.otherId),
    ...changeOf(model, reader, row),
  }));
  return { ...page, items, from, to };
}

function changeOf(model: CmdbModel, reader: Reader, { before, after }: Difference) {
  const [was, is] = [redactedState(model, reader, before), redactedState(model, reader, after)];
  const change = before === null ? 'created' : after === null ? 'removed' : 'changed';
  const differing = before && after ? fieldDifferences(was as object as never, is as object as never) : [];
  // The names of what is left out stand in the states, and are no field of theirs.
  const fields = differing.filter(({ field }) => field !== 'redacted');
  return { change: change as 'created' | 'removed' | 'changed', before: was, after: is, fields };
}

function cursorOf({ kind, ciId, otherId, relationType }: Difference): string {
  return `${kind}|${ciId}|${otherId ?? ''}|${relationType ?? ''}`;
}

function placeOf(cursor: string | null): DiffPlace | undefined {
  if (cursor === null) return undefined;
  const [kind, ciId, otherId, relationType] = cursor.split('|') as ['ci' | 'relation', string, string, string];
  return { kind, ciId, otherId: otherId || null, relationType: relationType || null };
}
