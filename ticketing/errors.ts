import { defineErrors } from '../platform/index.ts';
import type { Move, OrderState } from './orders/state.ts';

export const ticketingErrors = defineErrors({
  ORDER_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no work order ${p.id}, or it does not concern you.`,
  },
  ORDER_MOVE_ILLEGAL: {
    status: 409,
    message: (p: { number: string; state: OrderState; move: Move; allowed: readonly Move[] }) =>
      `${p.number} is ${p.state} and cannot ${p.move}. ${
        p.allowed.length > 0 ? `Allowed now: ${p.allowed.join(', ')}.` : 'Nothing more can be done with it.'
      }`,
  },
  ORDER_CHANGED: {
    status: 409,
    message: (p: { number: string; version: number }) =>
      `${p.number} has changed meanwhile and is now at version ${p.version}. Read it again, then repeat.`,
  },
  ORDER_NOT_YOURS: {
    status: 403,
    message: (p: { number: string }) => `${p.number} is not assigned to you. Ask a dispatcher to assign it to you.`,
  },
  ORDER_READ_ONLY: {
    status: 403,
    message: (p: { number: string }) => `You may read ${p.number} but have no part in it. Ask a dispatcher to comment.`,
  },
  ORDER_OUTCOME_NEEDED: {
    status: 422,
    message: (p: { number: string }) =>
      `${p.number} came from an anomaly: say with "outcome" whether it was confirmed, a false_alarm or other_cause.`,
  },
  ASSET_UNKNOWN: {
    status: 422,
    message: (p: { asset: string }) => `The CMDB has no item ${p.asset}. Leave assetId out or give an existing one.`,
  },
  TECHNICIAN_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) =>
      `User ${p.id} has no technician profile. PUT /api/v1/technicians/${p.id} makes one.`,
  },
  TECHNICIAN_ROLE: {
    status: 422,
    message: (p: { id: string }) =>
      `User ${p.id} is missing, disabled or without the role technician. Give the user that role first.`,
  },
  TECHNICIAN_BUSY: {
    status: 409,
    message: (p: { name: string; orders: number }) =>
      `${p.name} still has ${p.orders} open orders. Assign them to somebody else, or set active to false.`,
  },
  POLICY_CHANGED: {
    status: 409,
    message: (p: { kind: string; version: number }) =>
      `The ${p.kind} policy is now at version ${p.version}. Read it again, then write with that version.`,
  },
  NOTICE_UNKNOWN: {
    status: 404,
    message: () => 'The work order that this link was about is no longer there. Ask a dispatcher.',
  },
  NOTICE_LINK_NEEDED: {
    status: 422,
    message: () =>
      'This is for the link of a message. Signed in, acknowledge with POST /api/v1/work-orders/{id}/acknowledge.',
  },
  NOTICE_NOT_TOLD: {
    status: 403,
    message: (p: { number: string }) =>
      `Nobody was told of ${p.number} at the address of your account. Acknowledge by the link in the message, or let an administrator correct the address.`,
  },
  STOP_COMMAND_UNKNOWN: { status: 404, message: (p: { id: string }) => `There is no stop command ${p.id}.` },
  STOP_COMMAND_DECIDED: {
    status: 409,
    message: (p: { state: string; by: string }) => `The stop command was already ${p.state} by ${p.by}.`,
  },
  STOP_COMMAND_DEVICE: {
    status: 422,
    message: (p: { line: string }) =>
      `No device controls ${p.line}: name it with "device", or set the attribute "device" of the line or its PLC in the CMDB.`,
  },
});
