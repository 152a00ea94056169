import type { FieldDefinition } from '../../model/definitions.ts';
import { askingErrors } from '../errors.ts';

/** Comparisons of the schema's `…Is` inputs: what is told must hold. */
export type Comparison = Readonly<Record<string, unknown>>;

/** Keeps a value for a statement and gives its place in it. */
export type Parameter = (value: unknown) => string;

/** SQL of a value as JSON and as text; a column has no JSON. */
export interface Compared {
  readonly json: string | null;
  readonly text: string;
}

/**
 * SQL of comparisons with a value. What is not there equals nothing and is unequal to everything; values that do not fit
 * their kind (a model may be younger than its CIs) are in no order.
 */
export function compared(
  kind: FieldDefinition['kind'] | 'any',
  value: Compared,
  comparison: Comparison | null | undefined,
  parameter: Parameter,
): string[] {
  return Object.entries(comparison ?? {}).flatMap(([operator, operand]) => {
    if (operand === null || operand === undefined) return [];
    if (operator === 'exists') return [`(${value.text}) is ${operand ? 'not ' : ''}null`];
    switch (kind) {
      case 'number':
      case 'integer':
        return [numeric(value, operator, operand, parameter)];
      case 'date':
        return [dated(value, operator, String(operand), parameter)];
      case 'boolean':
        return [`coalesce(${value.json} = ${parameter(String(operand))}::jsonb, false)`];
      case 'any':
        if (operator === 'eq') return [`coalesce(${value.json} = ${parameter(JSON.stringify(operand))}::jsonb, false)`];
        return [textual(value.text, operator, operand, parameter)];
      default:
        return [textual(value.text, operator, operand, parameter)];
    }
  });
}

const ORDER: Readonly<Record<string, string>> = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' };

function numeric({ json }: Compared, operator: string, operand: unknown, parameter: Parameter): string {
  const number = `(case when jsonb_typeof(${json}) = 'number' then (${json})::numeric end)`;
  if (operator === 'in') return `coalesce(${number} = any(${parameter(operand)}::numeric[]), false)`;
  const given = `${parameter(operand)}::numeric`;
  if (operator === 'ne') return `${number} is distinct from ${given}`;
  return `coalesce(${number} ${ORDER[operator]} ${given}, false)`;
}

function textual(text: string, operator: string, operand: unknown, parameter: Parameter): string {
  if (operator === 'in') return `coalesce(${text} = any(${parameter(operand)}::text[]), false)`;
  const given = `${parameter(String(operand))}::text`;
  switch (operator) {
    case 'ne':
      return `${text} is distinct from ${given}`;
    case 'contains':
      return `coalesce(strpos(lower(${text}), lower(${given})) > 0, false)`;
    case 'startsWith':
      return `coalesce(starts_with(lower(${text}), lower(${given})), false)`;
    default:
      return `coalesce(${text} = ${given}, false)`;
  }
}

/** Days that every year has, and times of a day: what PostgreSQL reads without doubt. */
const DAY = '((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?';
const ZONE = '(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])';
const READABLE = `^[0-9]{4}-${DAY}(T${TIME}${ZONE}?)?$`;
/** A leap day is taken as the day before: what comes before or after it stays so. */
const LEAP_DAY = `'^([0-9]{4})-02-29', '\\1-02-28'`;

function dated({ text }: Compared, operator: string, operand: string, parameter: Parameter): string {
  if (!/^\d{4}-\d{2}-\d{2}(T|$)/.test(operand) || !Number.isFinite(Date.parse(operand))) {
    throw askingErrors.CMDB_QUERY_ARGUMENT({
      argument: operator,
      problem: `is ${JSON.stringify(operand)}, which is no date as 2026-03-31 or 2026-03-31T08:00:00Z`,
    });
  }
  const told = `regexp_replace(${text}, ${LEAP_DAY})`;
  // Without a zone it is UTC.
  const zoned = `(case when ${told} ~ 'T.*${ZONE}$' then ${told} else ${told} || 'Z' end)::timestamptz`;
  const time = `(case when ${told} ~ '${READABLE}' then ${zoned} end)`;
  const given = `${parameter(new Date(utc(operand)).toISOString())}::timestamptz`;
  const sign = operator === 'before' ? '<' : operator === 'after' ? '>' : '=';
  return `coalesce(${time} ${sign} ${given}, false)`;
}

/** ECMAScript takes a time without a zone as local, a date as UTC. */
function utc(text: string): string {
  return /T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
}
