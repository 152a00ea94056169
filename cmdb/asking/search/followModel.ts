import type { Tx } from '../../../platform/index.ts';
import type { CmdbModel, CompiledCiType } from '../../model/cmdbModel.ts';
import { reindex } from './fillSearch.ts';

/** Writes the words of those CIs anew whose attributes a change of the model opens to the search or closes to it. */
export async function searchFollowsModel(tx: Tx, before: CmdbModel, after: CmdbModel): Promise<void> {
  const types = after.definition.ciTypes
    .map(({ name }) => name)
    .filter((name) => searchedOf(before.typeOf(name)) !== searchedOf(after.typeOf(name)));
  if (types.length > 0) await reindex(tx, after, types);
}

/** What decides on which attributes of a type are searched. */
function searchedOf(type: CompiledCiType | undefined): string {
  const told = [...(type?.attributes.values() ?? [])].map(
    ({ name, kind, sensitive }) => `${name} ${kind} ${sensitive}`,
  );
  return told.sort().join();
}
