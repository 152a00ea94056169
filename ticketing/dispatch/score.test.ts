import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DISPATCH_POLICY, dispatchPolicySchema, requirementFor } from './policy.ts';
import { type Candidate, choose, KEPT_CANDIDATES, scoreCandidate, type Task } from './score.ts';

const candidate = (userId: string, over: Partial<Candidate> = {}): Candidate => ({
  userId,
  name: userId,
  email: null,
  phone: null,
  locale: 'en',
  skills: new Map([['bearings', 3]]),
  place: null,
  maxLoad: 4,
  active: true,
  load: 0,
  ...over,
});
const task = (over: Partial<Task> = {}): Task => ({
  requirement: { skill: 'bearings', level: 2 },
  places: ['line-1', 'hall-a'],
  refusedBy: new Set(),
  experience: () => ({ fault: 0, asset: 0 }),
  ...over,
});
const pick = (candidates: Candidate[], over: Partial<Task> = {}) =>
  choose(DEFAULT_DISPATCH_POLICY, candidates, task(over));

describe('choose', () => {
  it('prefers the less loaded, the nearer, the more skilled and who fixed the like, all else equal', () => {
    expect(pick([candidate('a', { load: 2 }), candidate('b', { load: 1 })]).chosen?.userId).toBe('b');
    expect(pick([candidate('a', { place: 'hall-a' }), candidate('b', { place: 'line-1' })]).chosen?.userId).toBe('b');
    expect(pick([candidate('a'), candidate('b', { skills: new Map([['bearings', 5]]) })]).chosen?.userId).toBe('b');
    const experience = (id: string) => ({ fault: id === 'b' ? 1 : 0, asset: 0 });
    expect(pick([candidate('a'), candidate('b')], { experience }).chosen?.userId).toBe('b');
  });

  it('scores by hand-checked figures', () => {
    // skill 3/5, load ¾ free, nearest place, 1 like + 1 on the asset = 3 of 3
    const score = scoreCandidate(
      DEFAULT_DISPATCH_POLICY,
      candidate('a', { load: 1, place: 'line-1' }),
      task({ experience: () => ({ fault: 1, asset: 1 }) }),
    );
    expect(score).toMatchObject({ skill: 0.6, load: 0.75, place: 1, history: 1 });
    expect(score.total).toBeCloseTo(25 * 0.6 + 35 * 0.75 + 15 * 1 + 25 * 1, 2);
  });

  it('counts why nobody could be sent, and says it', () => {
    const choice = pick(
      [
        candidate('off', { active: false }),
        candidate('no', { skills: new Map() }),
        candidate('junior', { skills: new Map([['bearings', 1]]) }),
        candidate('busy', { load: 4 }),
        candidate('declined'),
      ],
      { refusedBy: new Set(['declined']) },
    );
    expect(choice.chosen).toBeNull();
    expect(choice.excluded).toEqual({ inactive: 1, skill: 1, level: 1, load: 1, refused: 1 });
    expect(choice.because).toBe(
      'Waiting for a dispatcher: of 5 technicians 1 not on duty, 1 declined or did not answer, ' +
        '1 without the skill bearings, 1 below level 2 in bearings, 1 fully loaded',
    );
    expect(pick([]).because).toContain('no technicians yet');
  });

  it('keeps the top of the ranking only, best first', () => {
    const many = Array.from({ length: 20 }, (_, i) => candidate(`t${i}`, { maxLoad: 40, load: i }));
    const { ranking } = pick(many);
    expect(ranking.map((s) => s.userId)).toEqual(many.slice(0, KEPT_CANDIDATES).map((c) => c.userId));
  });

  it('always sends the eligible candidate of the highest score, whatever their order', () => {
    const anyCandidate = fc.record({
      id: fc.uuid(),
      level: fc.integer({ min: 0, max: 5 }),
      load: fc.nat(5),
      active: fc.boolean(),
      place: fc.constantFrom(null, 'line-1', 'hall-a', 'elsewhere'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(anyCandidate, { selector: (c) => c.id }), (drawn) => {
        const all = drawn.map((d) =>
          candidate(d.id, {
            load: d.load,
            active: d.active,
            place: d.place,
            skills: new Map(d.level ? [['bearings', d.level]] : []),
          }),
        );
        const eligible = all.filter((c) => c.active && c.load < c.maxLoad && (c.skills.get('bearings') ?? 0) >= 2);
        const best = Math.max(...eligible.map((c) => scoreCandidate(DEFAULT_DISPATCH_POLICY, c, task()).total));
        const { chosen, ranking } = pick(all);
        expect(chosen === null).toBe(eligible.length === 0);
        if (chosen) expect(ranking[0]).toMatchObject({ userId: chosen.userId, total: best });
        expect(pick(all.toReversed()).chosen?.userId).toBe(chosen?.userId);
      }),
    );
  });
});

describe('requirementFor', () => {
  it('asks for a higher level when serious, and falls back to the row for all others', () => {
    expect(requirementFor(DEFAULT_DISPATCH_POLICY, 'inner', false)).toEqual({ skill: 'bearings', level: 2 });
    expect(requirementFor(DEFAULT_DISPATCH_POLICY, 'inner', true)).toEqual({ skill: 'bearings', level: 3 });
    expect(requirementFor(DEFAULT_DISPATCH_POLICY, 'deviation', false)?.skill).toBe('mechanics');
    expect(requirementFor({ ...DEFAULT_DISPATCH_POLICY, skills: [] }, 'inner', true)).toBeNull();
  });

  it('ships a valid policy', () => {
    expect(dispatchPolicySchema.parse(DEFAULT_DISPATCH_POLICY)).toEqual(DEFAULT_DISPATCH_POLICY);
  });
});
