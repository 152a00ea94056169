import {
  type Fragment,
  folded,
  highlight,
  nearWords,
  type QueryTerm,
  queryTerms,
  type Tx,
} from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { questionOf } from './question.ts';
import { searchableTexts } from './searchable.ts';

export interface CiSearch {
  readonly text: string;
  /** Only these types and those that inherit from them. */
  readonly types: readonly string[] | null;
  readonly after: SearchPlace | null;
  readonly limit: number;
}

/** Where a page ends: the rank and the key of its last CI. */
export interface SearchPlace {
  readonly rank: number;
  readonly key: string;
}

export interface CiFound {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  /** Comparable within one question only. */
  readonly rank: number;
  readonly highlights: readonly (Fragment & { readonly field: string })[];
}

export interface SearchAnswer {
  readonly found: readonly CiFound[];
  /** How many there are; `MOST_RANKED` when there are more. */
  readonly total: number;
  /** What was searched for instead, when nothing had the words as they were written. */
  readonly correctedTo: string | null;
}

/** CIs of one question that are ranked: whoever finds more asks more closely. */
export const MOST_RANKED = 5_000;
/** Words of a tenant that a typing error is compared with. */
const MOST_COMPARED = 20_000;
/** Words that somebody may have meant, for each that was mistyped. */
const MOST_MEANT = 3;
/** Texts of one CI that are shown with marks. */
const MOST_HIGHLIGHTS = 4;

/** CIs that answer a question, best first. Sensitive attributes are not searched, whoever asks. */
export async function searchCis(tx: Tx, model: CmdbModel, search: CiSearch): Promise<SearchAnswer> {
  const terms = queryTerms(search.text);
  const asWritten = await ranked(tx, model, terms, search);
  if (asWritten.total > 0 || search.after !== null) return answer(model, asWritten, terms, null);
  const meant = await meantTerms(tx, terms);
  if (meant === null) return answer(model, asWritten, terms, null);
  const corrected = await ranked(tx, model, meant, { ...search, text: meant.map(({ text }) => text).join(' ') });
  return answer(model, corrected, meant, corrected.total === 0 ? null : meant.map(({ text }) => text).join(' '));
}

interface RankedRow {
  id: string;
  key: string;
  type: string;
  name: string;
  status: string;
  attributes: Record<string, unknown>;
  rank: number;
}

interface Ranked {
  readonly rows: readonly RankedRow[];
  readonly total: number;
}

const NOTHING: Ranked = { rows: [], total: 0 };

/** Looked up one by one: a planner that knows the tenant's size badly would read all of its CIs instead. */
const CI_OF_HIT = 'select * from cmdb_ci where tenant_id = $1 and id = h.ci_id offset 0';

/** A CI that is called exactly so comes first, then those whose key or name begins so, or has it in one piece. */
async function ranked(tx: Tx, model: CmdbModel, terms: readonly QueryTerm[], search: CiSearch): Promise<Ranked> {
  const question = questionOf(model, terms, search.types);
  if (question === null) return NOTHING;
  const { rows } = await tx.query<RankedRow & { total: number }>(
    `with hits as materialized (
       select ci_id, rank from cmdb_search_hits($2::tsquery, ${MOST_RANKED})),
     ranked as materialized (
       select c.id, c.key,
              (h.rank + case when $3 in (lower(c.key), lower(c.name)) then 4
                             when starts_with(lower(c.key), $3) or starts_with(lower(c.name), $3) then 2
                             when strpos(lower(c.name), $3) > 0 or strpos(lower(c.key), $3) > 0 then 1
                             else 0 end)::float8 as rank
       from hits h cross join lateral (${CI_OF_HIT}) c),
     best as materialized (
       select id, rank from ranked
       where $4::float8 is null or rank < $4 or (rank = $4 and key > $5)
       order by rank desc, key limit $6)
     select c.id, c.key, c.type, c.name, c.status, c.attributes, b.rank,
            (select count(*)::int from ranked) as total
     from best b join cmdb_ci c on c.tenant_id = $1 and c.id = b.id
     order by b.rank desc, c.key`,
    [
      tx.tenantId,
      question,
      folded(search.text.trim()),
      search.after?.rank ?? null,
      search.after?.key ?? '',
      search.limit,
    ],
  );
  // A page after the last holds no row that could tell.
  return { rows, total: rows[0]?.total ?? 0 };
}

/** The question with what was mistyped put right; null when nothing near occurs. */
async function meantTerms(tx: Tx, terms: readonly QueryTerm[]): Promise<QueryTerm[] | null> {
  const mistyped = terms.filter(({ text }) => /^\p{L}{4,32}$/u.test(text));
  if (mistyped.length === 0) return null;
  const lengths = mistyped.map(({ text }) => text.length);
  const { rows } = await tx.query<{ word: string }>(
    `select word from cmdb_search_word where tenant_id = $1 and length(word) between $2 and $3 limit ${MOST_COMPARED}`,
    [tx.tenantId, Math.min(...lengths) - 2, Math.max(...lengths) + 2],
  );
  const occurring = rows.map(({ word }) => word);
  const known = new Set(occurring);
  const near = new Map<QueryTerm, QueryTerm[]>();
  for (const term of mistyped) {
    if (known.has(term.text)) continue;
    near.set(
      term,
      await findable(
        tx,
        nearWords(term.text, occurring, MOST_MEANT).flatMap((word) => queryTerms(word)),
      ),
    );
  }
  const meant = terms.map((term) => {
    const instead = near.get(term) ?? [];
    if (instead.length === 0) return term;
    return {
      text: instead[0]!.text,
      tsquery: `(${instead.map(({ tsquery }) => tsquery).join(' | ')})`,
      pattern: instead.map(({ pattern }) => `(?:${pattern})`).join('|'),
    };
  });
  return meant.some((term, index) => term !== terms[index]) ? meant : null;
}

/** Those that find something that this reader is shown: a word may be of what is withheld, or of what is no more. */
async function findable(tx: Tx, terms: readonly QueryTerm[]): Promise<QueryTerm[]> {
  const { rows } = await tx.query<{ tsquery: string }>(
    `select i.tsquery from unnest($2::text[]) as i (tsquery)
     where exists (select from cmdb_search_hits(i.tsquery::tsquery, ${MOST_RANKED}) h
                   join cmdb_ci c on c.tenant_id = $1 and c.id = h.ci_id)`,
    [tx.tenantId, terms.map(({ tsquery }) => tsquery)],
  );
  const found = new Set(rows.map(({ tsquery }) => tsquery));
  return terms.filter(({ tsquery }) => found.has(tsquery));
}

function answer(
  model: CmdbModel,
  { rows, total }: Ranked,
  terms: readonly QueryTerm[],
  correctedTo: string | null,
): SearchAnswer {
  const found = rows.map(({ attributes, ...ci }) => ({
    ...ci,
    highlights: searchableTexts(model, { ...ci, attributes })
      .flatMap(({ field, text }) => {
        const fragment = highlight(text, terms);
        return fragment === null ? [] : [{ field, ...fragment }];
      })
      .slice(0, MOST_HIGHLIGHTS),
  }));
  return { found, total, correctedTo };
}
