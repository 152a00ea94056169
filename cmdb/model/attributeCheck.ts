import type { AttributeDefinition, BothLanguages, FieldDefinition } from './definitions.ts';

/** What is wrong with a value: where in the attribute, and what, in both languages. */
export class AttributeProblem extends Error {
  readonly path: string;
  readonly problem: BothLanguages;

  constructor(path: string, en: string, zh: string) {
    super(en);
    this.path = path;
    this.problem = { en, zh };
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A value as its attribute wants it. Files know text only: a number, a yes or no and an object (as JSON) may arrive so.
 * @throws {AttributeProblem}
 */
export function checkedValue(definition: AttributeDefinition | FieldDefinition, value: unknown, path: string): unknown {
  switch (definition.kind) {
    case 'text':
    case 'reference':
      return textOf(value, path);
    case 'enum':
      return oneOf(definition.values ?? [], value, path);
    case 'number':
    case 'integer':
      return numberOf(definition, value, path);
    case 'boolean':
      return booleanOf(value, path);
    case 'date':
      return dateOf(value, path);
    case 'object':
      return objectOf('fields' in definition ? (definition.fields ?? []) : [], value, path);
  }
}

function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new AttributeProblem(path, 'must be a text', '必须是文本');
}

function oneOf(values: readonly string[], value: unknown, path: string): string {
  const text = textOf(value, path);
  if (values.includes(text)) return text;
  throw new AttributeProblem(path, `must be one of: ${values.join(', ')}`, `必须是以下之一：${values.join('、')}`);
}

function numberOf({ kind, minimum, above, maximum }: FieldDefinition, value: unknown, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new AttributeProblem(path, 'must be a number', '必须是数字');
  if (kind === 'integer' && !Number.isInteger(number))
    throw new AttributeProblem(path, 'must be a whole number', '必须是整数');
  if (minimum !== undefined && number < minimum)
    throw new AttributeProblem(path, `must be at least ${minimum}`, `不得小于 ${minimum}`);
  if (above !== undefined && number <= above)
    throw new AttributeProblem(path, `must be greater than ${above}`, `必须大于 ${above}`);
  if (maximum !== undefined && number > maximum)
    throw new AttributeProblem(path, `must be at most ${maximum}`, `不得大于 ${maximum}`);
  return number;
}

function booleanOf(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|yes|1)$/i.test(value.trim())) return true;
  if (typeof value === 'string' && /^(false|no|0)$/i.test(value.trim())) return false;
  throw new AttributeProblem(path, 'must be true or false', '必须是 true 或 false');
}

function dateOf(value: unknown, path: string): string {
  if (typeof value === 'string' && DATE.test(value) && Number.isFinite(Date.parse(value))) return value;
  throw new AttributeProblem(
    path,
    'must be a date as 2026-03-31, or with a time as 2026-03-31T08:00:00Z',
    '必须是日期，如 2026-03-31，或带时间，如 2026-03-31T08:00:00Z',
  );
}

function objectOf(fields: readonly FieldDefinition[], value: unknown, path: string): Record<string, unknown> {
  const given = typeof value === 'string' ? parsedOr(value) : value;
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new AttributeProblem(path, 'must be an object', '必须是对象');
  }
  const object: Record<string, unknown> = { ...given };
  for (const field of fields) {
    const { name } = field;
    if (object[name] === undefined && field.default !== undefined) object[name] = field.default;
    else if (object[name] !== undefined) object[name] = checkedValue(field, object[name], `${path}.${name}`);
    else if (field.required) throw new AttributeProblem(`${path}.${name}`, 'is missing', '缺失');
  }
  return object;
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
