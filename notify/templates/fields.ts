import { z } from 'zod';

/** A text, or the same text in both languages. */
const text = z.union([z.string(), z.number(), z.object({ en: z.string(), zh: z.string() })]).nullish();
/** ISO 8601, or milliseconds since the epoch. */
const time = z.union([z.iso.datetime({ offset: true }), z.number(), z.null()]).optional();
const count = z.number().nullish();
const list = z.array(z.string()).nullish();

const fault = {
  orderNumber: text,
  priority: text,
  asset: text,
  fault: text,
  level: text,
  summary: text,
  since: time,
  evidenceUrl: z.string().nullish(),
};

/**
 * What each kind of message is told. Only what the message makes no sense without is required; a line whose parameter
 * is absent is left out.
 */
export const TEMPLATE_FIELDS = {
  'impact-owner': z.object({
    ...fault,
    service: z.string(),
    state: z.enum(['degraded', 'down']),
    users: count,
    costPerHour: count,
    causeChain: list,
    redundancyLeft: text,
    otherServices: list,
    /** Why this person: accountable, on_call, accountable_on_call or deputy. */
    role: text,
    /** For how long nobody who was told before has acknowledged. */
    unacknowledgedMinutes: count,
  }),
  'leader-warning': z.object({ ...fault, asset: z.string() }),
  'supplier-support': z.object({ ...fault, asset: z.string() }),
  'assignment-technician': z.object({
    ...fault,
    orderNumber: z.string(),
    because: text,
    acceptBy: time,
    resolveBy: time,
  }),
  'order-closed': z.object({
    ...fault,
    asset: z.string(),
    closedAt: time,
    outcome: text,
    service: text,
    downtimeMinutes: count,
    by: text,
  }),
  'order-overdue': z.object({ ...fault, asset: z.string(), clock: text, dueAt: time }),
  generic: z.object({ title: text, body: text }),
} as const;

export type TemplateKind = keyof typeof TEMPLATE_FIELDS;
export const TEMPLATE_KINDS = Object.keys(TEMPLATE_FIELDS) as TemplateKind[];

export function isTemplateKind(text: string): text is TemplateKind {
  return Object.hasOwn(TEMPLATE_FIELDS, text);
}
