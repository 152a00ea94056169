import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { pageOf, pageQuery } from '../../../platform/index.ts';
import { type Actor, AUDIT_SUBJECTS } from './audit.ts';

/** The page of a history: newest first, by entry id. */
export const historyQuery = pageQuery.extend({ cursor: z.uuid().optional() });

export const historyBody = pageOf(
  z.object({
    id: z.uuid(),
    at: z.date(),
    actor: z.string(),
    actorId: z.uuid().nullable(),
    source: z.string().nullable().describe('Address the request came from'),
    subject: z.enum(AUDIT_SUBJECTS),
    subjectId: z.uuid(),
    action: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
);

/** Who asks, as the audit notes it. */
export function actorOf({ principal, ip }: Pick<FastifyRequest, 'principal' | 'ip'>): Actor {
  return { id: principal.userId, name: principal.name, source: ip };
}
