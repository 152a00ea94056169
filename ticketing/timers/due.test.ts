import { describe, expect, it } from 'vitest';
import { nextDueMs, runOut } from './due.ts';

const order = (over: Partial<Parameters<typeof nextDueMs>[0]> = {}) => ({
  state: 'assigned' as const,
  acceptDueAt: new Date(10),
  responseDueAt: new Date(20),
  resolutionDueAt: new Date(30),
  respondedAt: null,
  responseOverdue: false,
  resolutionOverdue: false,
  escalationDueAt: null,
  ...over,
});

describe('the clocks of an order', () => {
  it('run out one after the other', () => {
    expect(nextDueMs(order())).toBe(10);
    expect(runOut(order(), 9)).toEqual([]);
    expect(runOut(order(), 10)).toEqual(['accept']);
    expect(runOut(order(), 30)).toEqual(['accept', 'response', 'resolution']);
  });

  it('accept runs only while somebody is asked', () => {
    expect(nextDueMs(order({ state: 'new' }))).toBe(20);
    expect(nextDueMs(order({ state: 'accepted' }))).toBe(30);
  });

  it('response stops for good once somebody has responded, even if the order is assigned anew', () => {
    expect(runOut(order({ respondedAt: new Date(5), acceptDueAt: null }), 25)).toEqual([]);
  });

  it('an overdue clock does not run out twice', () => {
    expect(nextDueMs(order({ state: 'new', responseOverdue: true }))).toBe(30);
    expect(nextDueMs(order({ state: 'new', responseOverdue: true, resolutionOverdue: true }))).toBeNull();
  });

  it('all stand on hold and at the end', () => {
    expect(nextDueMs(order({ state: 'on_hold' }))).toBeNull();
    for (const state of ['completed', 'closed', 'cancelled'] as const) expect(nextDueMs(order({ state }))).toBeNull();
  });

  it('let the owners’ clock run until the work is done, whoever has the order', () => {
    const told = { escalationDueAt: new Date(5), responseOverdue: true, resolutionOverdue: true };
    expect(runOut(order({ ...told, state: 'in_progress' }), 5)).toEqual(['owners']);
    expect(nextDueMs(order({ ...told, state: 'completed' }))).toBeNull();
  });
});
