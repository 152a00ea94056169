import { describe, expect, it } from 'vitest';
import { DEFAULT_RESPONSE_POLICY, type ResponsePolicy, respond, responsePolicySchema } from './policy.ts';

const symptom = { level: 'warning', zone: 'C', confidence: 0.7 } as const;

describe('the three-level response', () => {
  it('tells the leader and opens an order at a warning, and proposes to stop only when serious', () => {
    expect([...respond(DEFAULT_RESPONSE_POLICY, 'inner', symptom, 'P3')]).toEqual([
      ['message_leader', 'warning'],
      ['open_order', 'confirmed'],
      ['message_owners', 'confirmed'],
    ]);
    expect([...respond(DEFAULT_RESPONSE_POLICY, 'inner', { ...symptom, level: 'serious' }, 'P1').keys()]).toEqual([
      'message_leader',
      'open_order',
      'message_owners',
      'propose_stop',
      'message_supplier',
    ]);
  });

  it('demands every condition of a rule', () => {
    const only = (when: ResponsePolicy['rules'][number]['when']) =>
      respond({ rules: [{ name: 'r', when, actions: ['open_order'] }] }, 'gear', symptom, 'P2').size;
    expect(only({})).toBe(1);
    expect(only({ faults: ['gear'], zones: ['C'], confidenceAtLeast: 0.7, priorityAtLeast: 'P2' })).toBe(1);
    expect(only({ faults: ['inner'] })).toBe(0);
    expect(only({ zones: ['D'] })).toBe(0);
    expect(only({ confidenceAtLeast: 0.71 })).toBe(0);
    expect(only({ priorityAtLeast: 'P1' })).toBe(0);
    expect(only({ levels: ['serious'] })).toBe(0);
  });

  it('ships valid rules and refuses unknown actions', () => {
    expect(responsePolicySchema.parse(DEFAULT_RESPONSE_POLICY)).toEqual(DEFAULT_RESPONSE_POLICY);
    expect(responsePolicySchema.safeParse({ rules: [{ name: 'r', when: {}, actions: ['stop_now'] }] }).success).toBe(
      false,
    );
  });
});
