import { z } from 'zod';
import { outcomeSchema } from '../closure/closure.ts';
import { LOG_KINDS } from '../orders/log.ts';
import { ORDER_KINDS } from '../orders/order.ts';
import { MOVES, STATES } from '../orders/state.ts';
import { gradeSchema, levelSchema, prioritySchema, urgencySchema, zoneSchema } from '../priority/policy.ts';
import { STOP_STATES } from '../response/stopCommand.ts';
import { OWNER_ROLES } from '../telling/plan.ts';

/** A person's text; PostgreSQL cannot keep the character 0. */
export const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((value) => !value.includes('\u0000'), { error: 'must not contain the character U+0000' });

export const idParams = z.object({ id: z.uuid() });

const contact = z.object({
  ciId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  locale: z.string(),
});

export const orderBody = z
  .object({
    id: z.uuid(),
    number: z.string(),
    kind: z.enum(ORDER_KINDS),
    state: z.enum(STATES),
    summary: z.object({ en: z.string(), zh: z.string() }),
    faultKey: z.string().nullable(),
    fault: z.string(),
    level: levelSchema.nullable(),
    zone: zoneSchema.nullable(),
    confidence: z.number().nullable(),
    assetId: z.uuid().nullable(),
    assetName: z.string(),
    pointKey: z.string().nullable(),
    evidenceUrl: z.string().nullable(),
    priority: prioritySchema,
    priorityBasis: z.object({
      priority: prioritySchema,
      impact: gradeSchema,
      impactBecause: z.string(),
      urgency: urgencySchema,
      urgencyBecause: z.string(),
      planned: z
        .array(z.string())
        .readonly()
        .optional()
        .describe('Services not counted, since announced work alone would have hit them as much'),
    }),
    contacts: z.object({
      machine: z.object({ ciId: z.string(), name: z.string() }).nullable(),
      line: z.object({ ciId: z.string(), name: z.string(), device: z.string().nullable() }).nullable(),
      places: z.array(z.string()).readonly(),
      leaders: z.array(contact).readonly(),
      suppliers: z.array(contact).readonly(),
    }),
    requesterId: z.uuid().nullable(),
    requesterName: z.string().nullable(),
    assigneeId: z.uuid().nullable(),
    assigneeName: z.string().nullable(),
    queueReason: z.string().nullable().describe('Why nobody was sent; null when somebody was'),
    responseDueAt: z.date(),
    resolutionDueAt: z.date(),
    acceptDueAt: z.date().nullable(),
    escalationDueAt: z.date().nullable().describe('When deputies are told unless somebody has acknowledged'),
    heldAt: z.date().nullable(),
    respondedAt: z.date().nullable(),
    resolvedAt: z.date().nullable(),
    responseOverdue: z.boolean(),
    resolutionOverdue: z.boolean(),
    closure: z
      .object({
        outcome: outcomeSchema,
        failureMode: z.string(),
        failureMechanism: z.string(),
        failureCause: z.string(),
        note: z.string().optional(),
      })
      .nullable(),
    version: z.number().int(),
    firstSeenAt: z.date().nullable(),
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .meta({ id: 'WorkOrder' });

const serviceState = z.enum(['degraded', 'down']);

const verdict = z.object({
  graphVersion: z.string(),
  healthVersion: z.string(),
  affectedCount: z.number(),
  serviceCount: z.number().describe('All services hit; the list below holds the worst of them'),
  services: z
    .array(
      z.object({
        ciId: z.string(),
        key: z.string(),
        name: z.string(),
        state: serviceState,
        criticality: z.number(),
        costPerHour: z.number(),
        users: z.number(),
        planned: z.boolean().optional().describe('Whether announced work alone would have done as much'),
        owners: z.array(contact.extend({ role: z.string() })).readonly(),
        causeChain: z
          .array(
            z.object({ ciId: z.string(), key: z.string(), name: z.string(), type: z.string(), state: serviceState }),
          )
          .readonly(),
        redundancyLeft: z.string().nullable(),
      }),
    )
    .readonly(),
});

const choice = z.object({
  because: z.string(),
  ranking: z
    .array(
      z.object({
        userId: z.uuid(),
        name: z.string(),
        total: z.number(),
        skill: z.number(),
        load: z.number(),
        place: z.number(),
        history: z.number(),
      }),
    )
    .readonly(),
  excluded: z.record(z.string(), z.number()).describe('How many were not considered, by why'),
});

export const stopCommandBody = z
  .object({
    id: z.uuid(),
    orderId: z.uuid(),
    orderNumber: z.string(),
    lineId: z.uuid().nullable(),
    lineName: z.string(),
    device: z.string().nullable(),
    because: z.string(),
    state: z.enum(STOP_STATES),
    proposedAt: z.date(),
    decidedAt: z.date().nullable(),
    decidedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'StopCommand' });

const noticeBody = z
  .object({
    id: z.uuid(),
    personId: z.uuid(),
    name: z.string(),
    email: z.string().nullable(),
    roles: z.array(z.enum(OWNER_ROLES)).readonly(),
    serviceIds: z.array(z.uuid()).readonly(),
    loss: z.object({
      service: z.string(),
      state: serviceState,
      causeChain: z.array(z.string()).readonly(),
      redundancyLeft: z.string().nullable(),
      otherServices: z.array(z.string()).readonly(),
    }),
    toldAt: z.date().nullable().describe('null: told only when nobody of the others acknowledges'),
    escalated: z.boolean().describe('told because nobody had acknowledged'),
    acknowledgedAt: z.date().nullable(),
    acknowledgedBy: z.string().nullable(),
    acknowledgedVia: z.enum(['link', 'account']).nullable(),
  })
  .meta({ id: 'OwnerNotice' });

export const orderDetailBody = orderBody
  .extend({
    allowedMoves: z.array(z.enum(MOVES)),
    verdict: verdict.nullable(),
    anomalies: z.array(z.object({ anomalyId: z.uuid(), evidenceUrl: z.string() })),
    assignments: z.array(
      z.object({
        round: z.number(),
        technicianId: z.uuid(),
        technicianName: z.string(),
        state: z.enum(['offered', 'accepted', 'declined', 'expired', 'withdrawn']),
        choice,
        offeredAt: z.date(),
        answeredAt: z.date().nullable(),
        note: z.string().nullable(),
      }),
    ),
    stopCommands: z.array(stopCommandBody),
    ownerNotices: z.array(noticeBody),
    log: z.array(
      z.object({
        sequence: z.number(),
        at: z.date(),
        kind: z.enum(LOG_KINDS),
        actor: z.object({ id: z.uuid().nullable(), name: z.string() }),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'WorkOrderDetail' });
