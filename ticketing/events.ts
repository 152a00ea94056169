import { z } from 'zod';
import { defineEvent } from '../platform/index.ts';
import { STATES } from './orders/state.ts';
import { prioritySchema } from './priority/policy.ts';

const order = {
  orderId: z.uuid(),
  number: z.string(),
};

/** A work order exists. */
export const WorkOrderOpened = defineEvent(
  'WorkOrderOpened',
  z.object({
    ...order,
    priority: prioritySchema,
    state: z.enum(STATES),
    faultKey: z.string().nullable(),
    anomalyId: z.uuid().nullable(),
    assetId: z.uuid().nullable(),
    evidenceUrl: z.string().nullable(),
    /** Why nobody was assigned; null when somebody was. */
    queueReason: z.string().nullable(),
    /** When the confirming data reached the front, to measure the way from machine to order. */
    lastWaveformAtMs: z.number().nullable(),
  }),
);

/** A technician was chosen for an order and has until `acceptDueAtMs` to take it. */
export const WorkOrderAssigned = defineEvent(
  'WorkOrderAssigned',
  z.object({
    ...order,
    technicianId: z.uuid(),
    technicianName: z.string(),
    because: z.string(),
    acceptDueAtMs: z.number(),
  }),
);

/** An order went from one state to another, by a person or by a timer. */
export const WorkOrderStateChanged = defineEvent(
  'WorkOrderStateChanged',
  z.object({
    ...order,
    from: z.enum(STATES),
    to: z.enum(STATES),
    by: z.string(),
    version: z.number().int(),
  }),
);

/** An order stays in its state and has another priority, or is about another asset. */
export const WorkOrderRevised = defineEvent('WorkOrderRevised', z.object(order));

/** A person confirmed that a line is to be stopped. Whoever sends device commands sends this one to the device's command topic. */
export const StopCommandConfirmed = defineEvent(
  'StopCommandConfirmed',
  z.object({
    ...order,
    commandId: z.uuid(),
    lineId: z.uuid().nullable(),
    lineName: z.string(),
    device: z.string(),
    because: z.string(),
    confirmedById: z.uuid().nullable(),
    confirmedBy: z.string(),
    confirmedAtMs: z.number(),
  }),
);

/** The one pending timer of an order; due at the earliest of its due times. */
export const WorkOrderTimer = defineEvent('WorkOrderTimer', z.object({ orderId: z.uuid() }));
