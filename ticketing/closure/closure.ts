import { z } from 'zod';
import { type ClosureCode, FAILURE_CAUSES, FAILURE_MECHANISMS, FAILURE_MODES } from './iso14224.ts';

/** What the work showed about the anomaly; the label that the detector learns from. */
export const OUTCOMES = ['confirmed', 'false_alarm', 'other_cause'] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof outcomeSchema>;

const codeOf = (list: readonly ClosureCode[], what: string) => {
  const codes = new Set(list.map((row) => row.code));
  return z.string().refine((code) => codes.has(code), {
    error: `No such ${what}; GET /api/v1/work-orders/closure-codes lists them.`,
  });
};

/** How an order is closed: what failed, how and why in the words of ISO 14224, and whether the alarm was right. */
export const closureSchema = z.object({
  outcome: outcomeSchema,
  failureMode: codeOf(FAILURE_MODES, 'failure mode'),
  failureMechanism: codeOf(FAILURE_MECHANISMS, 'failure mechanism'),
  failureCause: codeOf(FAILURE_CAUSES, 'failure cause'),
  note: z.string().trim().max(4_000).optional(),
});
export type Closure = z.infer<typeof closureSchema>;
