import type { Tx } from '../../platform/index.ts';
import type { CiPut, RelationEnds, RelationPut } from '../graph/assetGraph.ts';
import { RelationNumbers } from '../graph/relationNumbers.ts';
import { type AbsentCi, markAbsent, policyOf, relationsOf } from './sourceRecords.ts';

export interface Absent {
  readonly cis: readonly AbsentCi[];
  /** Changes of CIs that no source lists any more, by the source's policy. */
  readonly puts: readonly CiPut[];
  readonly removeRelations: readonly RelationEnds[];
}

/** What a CI is called that no source lists any more. */
const STATUSES = { mark_stale: 'stale', retire: 'retired' } as const;

/** What follows from a source's leaving out what it told before, when it says that it tells everything. */
export async function absentFrom(
  tx: Tx,
  source: string,
  listed: readonly string[],
  relations: readonly RelationPut[],
  at: Date,
): Promise<Absent> {
  const { absentCis, absentRelations } = await policyOf(tx, source);
  const cis = await markAbsent(tx, source, listed, at);
  const gone = absentCis === 'keep' ? [] : cis.filter((ci) => !ci.listedElsewhere);
  const puts = new Map(
    gone.map(({ key, type }) => [
      key,
      { key, type, status: STATUSES[absentCis as keyof typeof STATUSES], attributes: {} },
    ]),
  );
  const removeRelations = absentRelations === 'remove' ? await untold(tx, source, relations) : [];
  return { cis, puts: [...puts.values()], removeRelations };
}

/** A CI that was marked and is listed again is in use, unless the file says otherwise. */
export function listedAgain(ci: CiPut, status: string | undefined): CiPut {
  const marked = Object.values(STATUSES).some((one) => one === status);
  return marked && ci.status === undefined ? { ...ci, status: 'active' } : ci;
}

async function untold(tx: Tx, source: string, relations: readonly RelationPut[]): Promise<RelationEnds[]> {
  const numbers = new RelationNumbers();
  const told = new Set(relations.map((relation) => numbers.of(relation)));
  return (await relationsOf(tx, source)).filter((relation) => !told.has(numbers.of(relation)));
}
