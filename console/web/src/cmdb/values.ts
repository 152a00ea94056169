/** A value of an attribute as a text: objects as their fields, what is not there as a dash. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, of]) => `${name}: ${valueText(of)}`)
      .join(', ');
  }
  return String(value);
}

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two states of a CI or a relation, attributes one by one. */
export function fieldChanges(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const flat = (state: Record<string, unknown>): Map<string, unknown> => {
    const { attributes, redacted: _, ...rest } = state;
    return new Map([...Object.entries(rest), ...Object.entries((attributes as Record<string, unknown>) ?? {})]);
  };
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [one, other] = [was.get(field), is.get(field)];
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [{ field, before: one, after: other }];
  });
}
