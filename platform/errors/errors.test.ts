import { expect, test } from 'vitest';
import { defineErrors, FaultlineError, reasonOf } from './errors.ts';

test('a declared error carries its code, status, field and sentence', () => {
  const errors = defineErrors({ T_ONE: { status: 404, message: (p: { name: string }) => `No ${p.name}; create it.` } });
  const error = errors.T_ONE({ name: 'pump' }, { field: 'name', cause: new Error('inner') });
  expect(error).toBeInstanceOf(FaultlineError);
  expect(error).toMatchObject({ code: 'T_ONE', status: 404, field: 'name', message: 'No pump; create it.' });
  expect(reasonOf(error)).toBe('No pump; create it.');
});

test('a code declared twice is refused', () => {
  defineErrors({ T_TWICE: { status: 400, message: () => 'x' } });
  expect(() => defineErrors({ T_TWICE: { status: 400, message: () => 'y' } })).toThrow(/declared twice/);
});
