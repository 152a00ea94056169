import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PRIORITY_POLICY, GRADES, PRIORITIES, priorityPolicySchema, URGENCIES } from './policy.ts';
import { derivePriority, dueTimes, type HitService, isHigher } from './priority.ts';

const service = (over: Partial<HitService> = {}): HitService => ({
  name: 'Order intake',
  state: 'down',
  criticality: 4,
  costPerHour: 0,
  users: 0,
  ...over,
});
const symptom = { level: 'warning', zone: null, confidence: 0.5 } as const;
const of = (services: HitService[] | null, over = {}) =>
  derivePriority(DEFAULT_PRIORITY_POLICY, services, { ...symptom, ...over });

describe('derivePriority', () => {
  it('grades impact by the worst service, and a degraded one a step lower', () => {
    expect(of([service({ criticality: 1 })]).impact).toBe('extensive');
    expect(of([service({ criticality: 1, state: 'degraded' })]).impact).toBe('significant');
    expect(of([service({ criticality: 4 }), service({ criticality: 2, name: 'Packing' })])).toMatchObject({
      impact: 'significant',
      impactBecause: 'Packing (criticality 2) would be down',
    });
  });

  it('adds up users, money and services', () => {
    expect(of([service({ users: 600 }), service({ users: 400 })]).impactBecause).toBe('1000 users affected');
    expect(of([service({ costPerHour: 9_000 }), service({ costPerHour: 2_000 })]).impact).toBe('significant');
    expect(of(Array.from({ length: 5 }, () => service())).impactBecause).toBe('5 services affected');
  });

  it('says so when nothing is known or nothing depends on the asset', () => {
    expect(of(null)).toMatchObject({ impact: 'minor', priority: 'P4' });
    expect(of(null).impactBecause).toContain('not in the CMDB');
    expect(of([]).impactBecause).toBe('no business service depends on it');
  });

  it('grades urgency by level, zone and confidence', () => {
    expect(of([], { level: 'serious', zone: 'D' })).toMatchObject({
      urgency: 'immediate',
      urgencyBecause: 'level serious, zone D',
    });
    expect(of([], { level: 'serious', confidence: 0.95 }).urgencyBecause).toBe('level serious, confidence 0.95');
    expect(of([], { level: 'serious' }).urgency).toBe('high');
    expect(of([], { zone: 'C' }).urgency).toBe('medium');
    expect(of([], { zone: 'A' }).urgency).toBe('low');
  });

  it('takes the cell of the matrix, and its times', () => {
    const policy = structuredClone(DEFAULT_PRIORITY_POLICY);
    policy.matrix.minor.low = 'P1';
    policy.due.P1 = { responseMinutes: 2, resolutionMinutes: 3 };
    const { priority } = derivePriority(policy, null, symptom);
    expect(priority).toBe('P1');
    expect(dueTimes(policy, priority, 1_000)).toEqual({ responseDueMs: 121_000, resolutionDueMs: 181_000 });
  });

  it('ranks priorities', () => {
    expect(isHigher('P1', 'P2')).toBe(true);
    expect(isHigher('P2', 'P2')).toBe(false);
    expect(isHigher('P4', 'P3')).toBe(false);
  });

  it('never lowers the priority when a symptom worsens or a service is added, with the shipped matrix', () => {
    const zone = fc.constantFrom('A', 'B', 'C', 'D', null);
    const anyService = fc.record({
      name: fc.constant('s'),
      state: fc.constantFrom('degraded', 'down'),
      criticality: fc.integer({ min: 1, max: 4 }),
      costPerHour: fc.nat(60_000),
      users: fc.nat(2_000),
    });
    fc.assert(
      fc.property(
        fc.array(anyService),
        anyService,
        zone,
        fc.float({ min: 0, max: 1, noNaN: true }),
        (list, extra, z, c) => {
          const before = of(list, { zone: z, confidence: c });
          for (const after of [
            of([...list, extra], { zone: z, confidence: c }),
            of(list, { level: 'serious', zone: z, confidence: c }),
          ]) {
            expect(PRIORITIES.indexOf(after.priority)).toBeLessThanOrEqual(PRIORITIES.indexOf(before.priority));
          }
        },
      ),
    );
  });
});

describe('the shipped policy', () => {
  it('is valid, and more impact or urgency is never less pressing', () => {
    const { matrix } = priorityPolicySchema.parse(DEFAULT_PRIORITY_POLICY);
    const rank = (i: number, u: number) => PRIORITIES.indexOf(matrix[GRADES[i]!][URGENCIES[u]!]);
    for (let i = 0; i < GRADES.length; i++) {
      for (let u = 0; u < URGENCIES.length; u++) {
        if (i > 0) expect(rank(i - 1, u)).toBeLessThanOrEqual(rank(i, u));
        if (u > 0) expect(rank(i, u - 1)).toBeLessThanOrEqual(rank(i, u));
      }
    }
  });

  it('refuses an unknown column, so that a misspelt threshold is not ignored', () => {
    const policy = { ...DEFAULT_PRIORITY_POLICY, impact: [{ grade: 'extensive', usersAtLest: 3 }] };
    expect(priorityPolicySchema.safeParse(policy).success).toBe(false);
  });
});
