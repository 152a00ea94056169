import { queryTerms } from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import type { FieldDefinition } from '../../model/definitions.ts';
import { type Reader, seesAll } from '../../model/redaction.ts';
import { askingErrors } from '../errors.ts';
import { questionOf } from '../search/question.ts';
import { MOST_RANKED } from '../search/searchCis.ts';
import { type Comparison, compared, type Parameter } from './comparisonSql.ts';

/** `CiWhere` of the schema, as GraphQL has read it. */
export interface CiWhere {
  readonly and?: readonly CiWhere[] | null;
  readonly or?: readonly CiWhere[] | null;
  readonly not?: CiWhere | null;
  readonly id?: readonly string[] | null;
  readonly key?: Comparison | null;
  readonly name?: Comparison | null;
  readonly status?: Comparison | null;
  readonly type?: readonly string[] | null;
  readonly source?: string | null;
  readonly seenBefore?: Date | null;
  readonly seenAfter?: Date | null;
  readonly firstSeenBefore?: Date | null;
  readonly firstSeenAfter?: Date | null;
  readonly text?: string | null;
  readonly has?: Readonly<Record<string, Readonly<Record<string, Comparison>> | null>> | null;
  readonly other?: readonly (Comparison & { readonly name: string })[] | null;
}

/** Conditions and, below them, more of them. */
const MOST_CONDITIONS = 200;

/**
 * SQL for which CIs `c` fit a filter. Conditions on sensitive attributes are refused without the right to them: an answer
 * would tell the value.
 */
export class CiFilter {
  readonly #model: CmdbModel;
  readonly #reader: Reader;
  readonly #parameter: Parameter;
  #conditions = 0;

  /** @param parameter keeps a value for the statement and gives its place, as `$4` */
  constructor(model: CmdbModel, reader: Reader, parameter: Parameter) {
    this.#model = model;
    this.#reader = reader;
    this.#parameter = parameter;
  }

  sql(where: CiWhere): string {
    this.#conditions += Object.keys(where).length;
    if (this.#conditions > MOST_CONDITIONS) {
      throw askingErrors.CMDB_QUERY_TOO_LARGE({ what: 'conditions', count: this.#conditions, most: MOST_CONDITIONS });
    }
    const all = [
      ...(where.and ?? []).map((one) => this.sql(one)),
      ...(where.or
        ? [
            joined(
              where.or.map((one) => this.sql(one)),
              'or',
              'false',
            ),
          ]
        : []),
      ...(where.not ? [`not coalesce(${this.sql(where.not)}, false)`] : []),
      ...(where.id ? [`c.id::text = any(${this.#parameter(where.id)}::text[])`] : []),
      ...(['key', 'name', 'status'] as const).flatMap((column) =>
        compared('text', { json: null, text: `c.${column}` }, where[column], this.#parameter),
      ),
      ...(where.type ? [this.#ofTypes(where.type.flatMap((type) => this.#model.typesUnder(type)))] : []),
      ...(where.source ? [this.#toldBy(where.source)] : []),
      ...this.#times(where),
      ...(where.text ? [this.#found(where.text)] : []),
      ...Object.entries(where.has ?? {}).flatMap(([type, wanted]) => (wanted ? this.#has(type, wanted) : [])),
      ...(where.other ?? []).flatMap((one) => this.#other(one)),
    ];
    return joined(all, 'and', 'true');
  }

  #ofTypes(types: readonly string[]): string {
    return `c.type = any(${this.#parameter([...new Set(types)])}::text[])`;
  }

  #toldBy(source: string): string {
    const name = this.#parameter(source);
    return `(exists (select from jsonb_each_text(c.sources) s where s.value = ${name})
      or exists (select from cmdb_source_record r where r.tenant_id = $1 and r.ci_id = c.id and r.source = ${name}))`;
  }

  #times({ seenBefore, seenAfter, firstSeenBefore, firstSeenAfter }: CiWhere): string[] {
    const at = (column: string, sign: string, time: Date | null | undefined) =>
      time ? [`c.${column} ${sign} ${this.#parameter(time)}::timestamptz`] : [];
    return [
      ...at('last_seen_at', '<', seenBefore),
      ...at('last_seen_at', '>', seenAfter),
      ...at('first_seen_at', '<', firstSeenBefore),
      ...at('first_seen_at', '>', firstSeenAfter),
    ];
  }

  #found(text: string): string {
    const question = questionOf(this.#model, queryTerms(text), null);
    if (question === null) return 'false';
    return `c.id in (select h.ci_id from cmdb_search_hits(${this.#parameter(question)}::tsquery, ${MOST_RANKED}) h)`;
  }

  #has(type: string, wanted: Readonly<Record<string, Comparison>>): string[] {
    const { attributes } = this.#model.typeOf(type)!;
    const conditions = Object.entries(wanted).flatMap(([name, comparison]) => {
      const definition = attributes.get(name)!;
      return [
        this.#ofTypes(this.#openTypes(this.#model.typesUnder(type), type, name)),
        ...this.#field(definition, [name], comparison),
      ];
    });
    return [this.#ofTypes(this.#model.typesUnder(type)), ...conditions];
  }

  /** Conditions on an attribute, or on the fields of one that is an object. */
  #field(definition: FieldDefinition, path: readonly string[], comparison: Comparison): string[] {
    const fields = 'fields' in definition ? (definition.fields as FieldDefinition[] | undefined) : undefined;
    if (definition.kind === 'object' && fields !== undefined) {
      return Object.entries(comparison).flatMap(([name, inner]) =>
        this.#field(fields.find((one) => one.name === name)!, [...path, name], inner as Comparison),
      );
    }
    const at = this.#parameter(path);
    const value = { json: `(c.attributes #> ${at}::text[])`, text: `(c.attributes #>> ${at}::text[])` };
    return compared(definition.kind, value, comparison, this.#parameter);
  }

  /** An attribute by whatever name; CIs of types that keep it as sensitive do not fit. */
  #other({ name, ...comparison }: Comparison & { readonly name: string }): string[] {
    const types = this.#model.definition.ciTypes.map((type) => type.name);
    const open = seesAll(this.#reader) ? types : types.filter((type) => !this.#model.sensitive(type).has(name));
    const at = this.#parameter([name]);
    const value = { json: `(c.attributes #> ${at}::text[])`, text: `(c.attributes #>> ${at}::text[])` };
    return [this.#ofTypes(open), ...compared('any', value, comparison, this.#parameter)];
  }

  /** Those of the types under one whose attribute this reader may see. */
  #openTypes(types: readonly string[], asked: string, attribute: string): string[] {
    if (seesAll(this.#reader)) return [...types];
    if (this.#model.sensitive(asked).has(attribute)) {
      throw askingErrors.CMDB_QUERY_SENSITIVE({ type: asked, attribute }, { field: `where.has.${asked}.${attribute}` });
    }
    return types.filter((type) => !this.#model.sensitive(type).has(attribute));
  }
}

function joined(conditions: readonly string[], by: 'and' | 'or', none: string): string {
  return conditions.length === 0 ? none : `(${conditions.join(` ${by} `)})`;
}
