import { useWords } from '../../i18n/i18n.ts';
import type { AttributeType } from '../answers.ts';

/** A field for a value of an attribute; what has parts is written as JSON. */
export function AttributeInput({
  name,
  type,
  value,
}: {
  name: string;
  type: AttributeType | undefined;
  value: unknown;
}) {
  const { t } = useWords();
  const common = { name: `attribute ${name}`, 'aria-label': name };
  const text = textOf(value);
  switch (type?.kind) {
    case 'boolean':
    case 'enum': {
      const values = type.kind === 'enum' ? (type.values ?? []) : ['true', 'false'];
      return (
        <select {...common} defaultValue={text}>
          <option value="" />
          {values.map((one) => (
            <option key={one} value={one}>
              {type.kind === 'enum' ? one : t(one === 'true' ? 'cm.yes' : 'cm.no')}
            </option>
          ))}
        </select>
      );
    }
    case 'number':
    case 'integer':
      return (
        <>
          <input {...common} type="number" step={type.kind === 'integer' ? 1 : 'any'} defaultValue={text} /> {type.unit}
        </>
      );
    case 'object':
      return <textarea {...common} rows={2} defaultValue={text} placeholder="{ }" />;
    default:
      return <input {...common} defaultValue={text} />;
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The value that a field tells; undefined when it is as it was, or empty: an attribute is never taken away by a form. */
export function toldValue(type: AttributeType | undefined, value: unknown, text: string): unknown {
  if (text === '' || text === textOf(value)) return undefined;
  if (type?.kind === 'number' || type?.kind === 'integer') return Number(text);
  if (type?.kind === 'boolean') return text === 'true';
  if (type?.kind === 'object' || (value !== null && typeof value === 'object')) {
    try {
      return JSON.parse(text);
    } catch {
      return text; // the API says what it must be
    }
  }
  if (type === undefined && typeof value === 'number' && Number.isFinite(Number(text))) return Number(text);
  return text;
}
