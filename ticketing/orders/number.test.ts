import { expect, it } from 'vitest';
import { orderNumber, parseOrderNumber } from './number.ts';

it('writes numbers with at least six digits and reads them back', () => {
  expect(orderNumber(123)).toBe('WO-000123');
  expect(orderNumber(12_345_678n)).toBe('WO-12345678');
  for (const text of ['WO-000123', 'wo-123', ' 123 ', '000123']) expect(parseOrderNumber(text)).toBe(123);
  for (const text of ['WO-', 'pump', 'WO-12x', '1'.repeat(40), '']) expect(parseOrderNumber(text)).toBeNull();
});
