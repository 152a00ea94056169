import { folded, type QueryTerm } from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { typeMark } from './searchable.ts';

/**
 * A question as it is asked of the index: every term must be found, in a text of the CI or in what its type is called.
 * @param types only CIs of these types and of those that inherit from them; null: of any
 * @returns null when no CI can answer it
 */
export function questionOf(
  model: CmdbModel,
  terms: readonly QueryTerm[],
  types: readonly string[] | null,
): string | null {
  if (terms.length === 0) return null;
  const asked = terms.map((term) => anyOf([term.tsquery, ...typesCalled(model, term).map(markOf)]));
  if (types === null) return asked.join(' & ');
  const wanted = new Set(types.flatMap((type) => model.typesUnder(type)));
  if (wanted.size === 0) return null;
  return [anyOf([...wanted].map(markOf)), ...asked].join(' & ');
}

function anyOf(alternatives: readonly string[]): string {
  return `(${alternatives.join(' | ')})`;
}

function markOf(type: string): string {
  return `'${typeMark(type)}'`;
}

/** Types that a term names in either language, with those that inherit from them. */
function typesCalled(model: CmdbModel, { pattern }: QueryTerm): string[] {
  const named = new RegExp(pattern, 'iu');
  const roots = model.definition.ciTypes.filter(
    // Everything is a configuration item: its name would find all.
    ({ name, label, parent }) =>
      parent !== null && [name.replaceAll('_', ' '), label.en, label.zh].some((called) => named.test(folded(called))),
  );
  return [...new Set(roots.flatMap(({ name }) => model.typesUnder(name)))];
}
