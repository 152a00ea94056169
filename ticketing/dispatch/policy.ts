import { z } from 'zod';

const weight = z.number().min(0).max(100);
const acceptMinutes = z.number().int().min(1).max(10_080);

/** How orders are matched with technicians. */
export const dispatchPolicySchema = z
  .object({
    /** Which skill a fault asks for, and the level at a warning and when serious; the row `*` serves all others. */
    skills: z.array(
      z
        .object({
          fault: z.string().min(1).max(60),
          skill: z.string().min(1).max(60),
          level: z.number().int().min(1).max(5),
          seriousLevel: z.number().int().min(1).max(5),
        })
        .strict(),
    ),
    /** How much each part of the score counts. */
    weights: z.object({ skill: weight, load: weight, place: weight, history: weight }).strict(),
    /** How many like repairs count as full experience. */
    fullExperience: z.number().int().min(1).max(1_000),
    /** How long the technician has to accept before the order goes to the next. */
    acceptMinutes: z.object({ P1: acceptMinutes, P2: acceptMinutes, P3: acceptMinutes, P4: acceptMinutes }).strict(),
  })
  .strict();
export type DispatchPolicy = z.infer<typeof dispatchPolicySchema>;

/** What a tenant has until it writes its own. */
export const DEFAULT_DISPATCH_POLICY: DispatchPolicy = {
  skills: [
    { fault: 'inner', skill: 'bearings', level: 2, seriousLevel: 3 },
    { fault: 'outer', skill: 'bearings', level: 2, seriousLevel: 3 },
    { fault: 'ball', skill: 'bearings', level: 2, seriousLevel: 3 },
    { fault: 'cage', skill: 'bearings', level: 2, seriousLevel: 3 },
    { fault: 'lubrication', skill: 'bearings', level: 1, seriousLevel: 2 },
    { fault: 'unbalance', skill: 'balancing', level: 2, seriousLevel: 3 },
    { fault: 'misalignment', skill: 'alignment', level: 2, seriousLevel: 3 },
    { fault: 'gear', skill: 'gearboxes', level: 2, seriousLevel: 3 },
    { fault: 'sensor', skill: 'instrumentation', level: 1, seriousLevel: 2 },
    { fault: 'outage', skill: 'it', level: 1, seriousLevel: 2 },
    { fault: 'degradation', skill: 'it', level: 1, seriousLevel: 2 },
    { fault: '*', skill: 'mechanics', level: 1, seriousLevel: 2 },
  ],
  weights: { skill: 25, load: 35, place: 15, history: 25 },
  fullExperience: 3,
  acceptMinutes: { P1: 5, P2: 15, P3: 60, P4: 240 },
};

/** What an order asks of a technician. */
export interface Requirement {
  readonly skill: string;
  readonly level: number;
}

/** The skill that a fault asks for; null where the policy has no row for it, and then anybody may be sent. */
export function requirementFor(policy: DispatchPolicy, fault: string, serious: boolean): Requirement | null {
  const row = policy.skills.find((r) => r.fault === fault) ?? policy.skills.find((r) => r.fault === '*');
  return row ? { skill: row.skill, level: serious ? row.seriousLevel : row.level } : null;
}
