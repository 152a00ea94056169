import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedMoves, isOpen, isResolved, isResponded, MOVES, nextState, occupies, STATES } from './state.ts';

/** Written out by hand from the specification, so that an accidental change of the table is seen. */
const LEGAL = new Set([
  'new assign assigned',
  'new cancel cancelled',
  'assigned assign assigned',
  'assigned accept accepted',
  'assigned decline new',
  'assigned cancel cancelled',
  'accepted assign assigned',
  'accepted start in_progress',
  'accepted hold on_hold',
  'accepted cancel cancelled',
  'in_progress assign assigned',
  'in_progress hold on_hold',
  'in_progress complete completed',
  'in_progress cancel cancelled',
  'on_hold assign assigned',
  'on_hold resume in_progress',
  'on_hold cancel cancelled',
  'completed reopen in_progress',
  'completed close closed',
]);

describe('the state machine', () => {
  it('allows exactly the written moves', () => {
    const found = new Set<string>();
    for (const from of STATES) {
      for (const move of MOVES) {
        const to = nextState(from, move);
        if (to) found.add(`${from} ${move} ${to}`);
      }
    }
    expect(found).toEqual(LEGAL);
  });

  it('names the allowed moves of each state', () => {
    expect(allowedMoves('assigned')).toEqual(['assign', 'accept', 'decline', 'cancel']);
    expect(allowedMoves('closed')).toEqual([]);
  });

  it('never leaves a final state, whatever is tried', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...MOVES)), (moves) => {
        let state = nextState('completed', 'close')!;
        for (const move of moves) state = nextState(state, move) ?? state;
        expect(state).toBe('closed');
      }),
    );
  });

  it('can reach the end from every open state', () => {
    for (const start of STATES.filter(isOpen)) {
      const seen = new Set([start]);
      for (const state of seen) {
        for (const move of allowedMoves(state)) seen.add(nextState(state, move)!);
      }
      expect(seen.has('closed')).toBe(true);
    }
  });

  it('knows who is busy, responded and resolved', () => {
    expect(STATES.filter(occupies)).toEqual(['assigned', 'accepted', 'in_progress', 'on_hold']);
    expect(STATES.filter(isResponded)).toEqual([
      'accepted',
      'in_progress',
      'on_hold',
      'completed',
      'closed',
      'cancelled',
    ]);
    expect(STATES.filter(isResolved)).toEqual(['completed', 'closed', 'cancelled']);
  });
});
