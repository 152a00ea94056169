import type { DispatchPolicy, Requirement } from './policy.ts';

/** A technician as dispatch sees one. `load` moves while a batch is dealt out. */
export interface Candidate {
  readonly userId: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: 'zh-CN' | 'en';
  readonly skills: ReadonlyMap<string, number>;
  readonly place: string | null;
  readonly maxLoad: number;
  readonly active: boolean;
  load: number;
}

/** An order as dispatch sees one. */
export interface Task {
  readonly requirement: Requirement | null;
  /** Keys of the places that contain the asset, nearest first (line, building, site). */
  readonly places: readonly string[];
  /** Who has already declined it or let the accept timer run out. */
  readonly refusedBy: ReadonlySet<string>;
  /** How often a technician has fixed the like: the same fault anywhere, and anything on the same asset. */
  readonly experience: (userId: string) => { readonly fault: number; readonly asset: number };
}

export const EXCLUSIONS = ['inactive', 'refused', 'skill', 'level', 'load'] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** A candidate's score: each part from 0 to 1, `total` weighted to 0…100. */
export interface Score {
  readonly userId: string;
  readonly name: string;
  readonly total: number;
  readonly skill: number;
  readonly load: number;
  readonly place: number;
  readonly history: number;
}

/** Why an order went where it went: kept on the order and shown. */
export interface Choice {
  readonly chosen: Candidate | null;
  /** The best candidates, best first. */
  readonly ranking: readonly Score[];
  /** How many could not be considered, by the first reason that ruled each out. */
  readonly excluded: Partial<Record<Exclusion, number>>;
  /** One sentence for a person. */
  readonly because: string;
}

/** How many scored candidates an order keeps: a dispatcher reads the top of the list, never its end. */
export const KEPT_CANDIDATES = 5;

function exclusion(candidate: Candidate, task: Task): Exclusion | null {
  if (!candidate.active) return 'inactive';
  if (task.refusedBy.has(candidate.userId)) return 'refused';
  if (task.requirement) {
    const level = candidate.skills.get(task.requirement.skill);
    if (level === undefined) return 'skill';
    if (level < task.requirement.level) return 'level';
  }
  return candidate.load >= candidate.maxLoad ? 'load' : null;
}

/**
 * The score of one eligible candidate.
 *
 * skill: level / 5. load: the share of the capacity still free. place: 1 for the nearest place, less for each place
 * further out, ½ where either is unknown. history: like repairs against `fullExperience`, the same asset counting double.
 */
export function scoreCandidate(policy: DispatchPolicy, candidate: Candidate, task: Task): Score {
  const skill = task.requirement ? (candidate.skills.get(task.requirement.skill) ?? 0) / 5 : 1;
  const load = Math.max(0, 1 - candidate.load / candidate.maxLoad);
  const at = candidate.place === null ? -1 : task.places.indexOf(candidate.place);
  const unknown = candidate.place === null || task.places.length === 0;
  const place = unknown ? 0.5 : at < 0 ? 0 : 1 - at / (task.places.length + 1);
  const { fault, asset } = task.experience(candidate.userId);
  const history = Math.min(1, (fault + 2 * asset) / policy.fullExperience);
  const w = policy.weights;
  const sum = w.skill + w.load + w.place + w.history;
  const weighted = w.skill * skill + w.load * load + w.place * place + w.history * history;
  const total = sum === 0 ? 0 : (100 * weighted) / sum;
  const round = (x: number) => Math.round(x * 100) / 100;
  return {
    userId: candidate.userId,
    name: candidate.name,
    total: round(total),
    skill: round(skill),
    load: round(load),
    place: round(place),
    history: round(history),
  };
}

/** Chooses the best eligible candidate; equal scores go to the lower id, so that a rerun gives the same answer. */
export function choose(policy: DispatchPolicy, candidates: readonly Candidate[], task: Task): Choice {
  const excluded: Partial<Record<Exclusion, number>> = {};
  const ranking: Score[] = [];
  const byId = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const why = exclusion(candidate, task);
    if (why) {
      excluded[why] = (excluded[why] ?? 0) + 1;
    } else {
      ranking.push(scoreCandidate(policy, candidate, task));
      byId.set(candidate.userId, candidate);
    }
  }
  ranking.sort((a, b) => b.total - a.total || (a.userId < b.userId ? -1 : 1));
  const best = ranking[0];
  const chosen = best ? byId.get(best.userId)! : null;
  const because = best ? chosenBecause(best, task) : nobodyBecause(excluded, candidates.length, task);
  return { chosen, ranking: ranking.slice(0, KEPT_CANDIDATES), excluded, because };
}

/** A dispatcher's own choice: scored for the record, refused by nothing but the dispatcher's judgement. */
export function chooseByHand(policy: DispatchPolicy, candidate: Candidate, task: Task, by: string): Choice {
  const score = scoreCandidate(policy, candidate, task);
  const because = `${candidate.name}: chosen by ${by}; score ${score.total}`;
  return { chosen: candidate, ranking: [score], excluded: {}, because };
}

function chosenBecause(best: Score, task: Task): string {
  const parts = [
    task.requirement ? `skill ${task.requirement.skill} ${best.skill * 5}/5` : 'no skill asked for',
    `${Math.round(best.load * 100)} % of the capacity free`,
  ];
  if (best.place > 0.5) parts.push('at the place');
  if (best.history > 0) parts.push('has fixed the like before');
  return `${best.name}: ${parts.join(', ')}; score ${best.total}`;
}

function nobodyBecause(excluded: Partial<Record<Exclusion, number>>, count: number, task: Task): string {
  if (count === 0) return 'Waiting for a dispatcher: there are no technicians yet';
  const skill = task.requirement?.skill;
  const text: Record<Exclusion, (n: number) => string> = {
    inactive: (n) => `${n} not on duty`,
    refused: (n) => `${n} declined or did not answer`,
    skill: (n) => `${n} without the skill ${skill}`,
    level: (n) => `${n} below level ${task.requirement?.level} in ${skill}`,
    load: (n) => `${n} fully loaded`,
  };
  const parts = EXCLUSIONS.flatMap((why) => (excluded[why] ? [text[why](excluded[why])] : []));
  return `Waiting for a dispatcher: of ${count} technicians ${parts.join(', ')}`;
}
