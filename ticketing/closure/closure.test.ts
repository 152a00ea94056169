import { describe, expect, it } from 'vitest';
import { closureSchema } from './closure.ts';
import { FAILURE_CAUSES, FAILURE_MECHANISMS, FAILURE_MODES } from './iso14224.ts';

const closure = { outcome: 'confirmed', failureMode: 'VIB', failureMechanism: '2.6', failureCause: '3.4' };

describe('closure codes', () => {
  it('takes codes of the lists only, and names the list', () => {
    expect(closureSchema.safeParse(closure).success).toBe(true);
    for (const field of ['failureMode', 'failureMechanism', 'failureCause', 'outcome'] as const) {
      const result = closureSchema.safeParse({ ...closure, [field]: '9.9' });
      expect(result.success).toBe(false);
      expect(result.error?.issues[0]?.path).toEqual([field]);
      const { [field]: _, ...without } = closure;
      expect(closureSchema.safeParse(without).success).toBe(false);
    }
  });

  it('has each code once, in both languages', () => {
    for (const list of [FAILURE_MODES, FAILURE_MECHANISMS, FAILURE_CAUSES]) {
      expect(new Set(list.map((row) => row.code)).size).toBe(list.length);
      for (const { en, zh } of list) {
        expect(en).toMatch(/^[a-z]/);
        expect(zh).toMatch(/\p{Script=Han}/u);
      }
    }
  });
});
