import { CONVERSIONS, type Linear, unitAfter } from './conversions.ts';
import type { ReadingRule } from './definition.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const YES = new Set(['true', 'on', 'yes']);
const NO = new Set(['false', 'off', 'no']);
const MAX_CHARACTERS = 64;

/** The number that a value stands for, or undefined when it stands for none. */
export function compileNumber(rule: ReadingRule): (told: unknown) => number | undefined {
  const { booleans, decimalComma, enumeration } = rule;
  const linear = linearOf(rule);
  const numberOf = (told: unknown): number | undefined => {
    if (enumeration && (typeof told === 'string' || typeof told === 'number' || typeof told === 'boolean')) {
      const key = String(told);
      if (Object.hasOwn(enumeration, key)) return enumeration[key];
    }
    switch (typeof told) {
      case 'number':
        return told;
      case 'bigint':
        return Number(told);
      case 'boolean':
        return booleans ? Number(told) : undefined;
      case 'string':
        return textNumber(told.trim(), decimalComma, booleans);
      default:
        return undefined;
    }
  };
  if (linear === null) return numberOf;
  const { scale, offset } = linear;
  return (told) => {
    const number = numberOf(told);
    return number === undefined ? undefined : number * scale + offset;
  };
}

function textNumber(text: string, decimalComma: boolean, booleans: boolean): number | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const plain = decimalComma ? text.replaceAll('.', '').replace(',', '.') : text;
  if (NUMBER.test(plain)) return Number(plain);
  if (!booleans) return undefined;
  const word = text.toLowerCase();
  return YES.has(word) ? 1 : NO.has(word) ? 0 : undefined;
}

function linearOf({ convert }: ReadingRule): Linear | null {
  if (convert === undefined) return null;
  return typeof convert === 'string' ? CONVERSIONS[convert] : convert;
}

/** The unit that a reading has where its message says none. */
export function fixedUnit({ unit, convert }: ReadingRule): string | null {
  if (typeof unit === 'string') return unit;
  return typeof convert === 'string' && unit === undefined ? unitAfter(convert) : null;
}
