import { z } from 'zod';
import { levelSchema, PRIORITIES, type Priority, prioritySchema, zoneSchema } from '../priority/policy.ts';
import type { Symptom } from '../priority/priority.ts';

/**
 * What can be done about a fault:
 * - `message_leader`: tell the person responsible for the machine;
 * - `open_order`: open a work order, or append to the fault's open one, and dispatch it;
 * - `message_owners`: tell the owners of the business services that would be hit;
 * - `propose_stop`: propose to stop the line; a person confirms or rejects it, nothing stops by itself;
 * - `message_supplier`: ask the machine's supplier for support.
 */
export const actionSchema = z.enum([
  'message_leader',
  'open_order',
  'message_owners',
  'propose_stop',
  'message_supplier',
]);
export type ResponseAction = z.infer<typeof actionSchema>;

const ruleSchema = z
  .object({
    name: z.string().trim().min(1).max(120),
    /** All conditions given must hold; a rule without conditions always holds. */
    when: z
      .object({
        levels: z.array(levelSchema).min(1).optional(),
        zones: z.array(zoneSchema).min(1).optional(),
        faults: z.array(z.string().min(1).max(60)).min(1).optional(),
        confidenceAtLeast: z.number().min(0).max(1).optional(),
        priorityAtLeast: prioritySchema.optional(),
      })
      .strict(),
    actions: z.array(actionSchema).min(1),
  })
  .strict();

export const responsePolicySchema = z.object({ rules: z.array(ruleSchema).max(100) }).strict();
export type ResponsePolicy = z.infer<typeof responsePolicySchema>;

/** The three levels: warn the leader, open the order, propose to stop and call the supplier. */
export const DEFAULT_RESPONSE_POLICY: ResponsePolicy = {
  rules: [
    { name: 'warning', when: { levels: ['warning', 'serious'] }, actions: ['message_leader'] },
    { name: 'confirmed', when: {}, actions: ['open_order', 'message_owners'] },
    { name: 'serious', when: { levels: ['serious'] }, actions: ['propose_stop', 'message_supplier'] },
  ],
};

/** What the rules ask for: each action with the name of the first rule that asked for it. */
export type Response = ReadonlyMap<ResponseAction, string>;

/** Every action of every rule that holds for this fault. */
export function respond(policy: ResponsePolicy, fault: string, symptom: Symptom, priority: Priority): Response {
  const actions = new Map<ResponseAction, string>();
  for (const { name, when, actions: asked } of policy.rules) {
    if (when.levels && !when.levels.includes(symptom.level)) continue;
    if (when.zones && (symptom.zone === null || !when.zones.includes(symptom.zone))) continue;
    if (when.faults && !when.faults.includes(fault)) continue;
    if (when.confidenceAtLeast !== undefined && symptom.confidence < when.confidenceAtLeast) continue;
    if (when.priorityAtLeast && PRIORITIES.indexOf(priority) > PRIORITIES.indexOf(when.priorityAtLeast)) continue;
    for (const action of asked) if (!actions.has(action)) actions.set(action, name);
  }
  return actions;
}
