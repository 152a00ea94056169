import { z } from 'zod';
import { defineEvent } from '../platform/index.ts';
import { IDS_PER_EVENT } from './chunks.ts';

/**
 * Somebody shall look after these messages.
 * - requested: they are new
 * - retry: the pause after a failed attempt is over
 * - watch: they should have an outcome by now; if not, whoever held them is gone
 */
export const NotificationRequested = defineEvent(
  'NotificationRequested',
  z.object({
    notificationIds: z.array(z.uuid()).min(1).max(IDS_PER_EVENT),
    cause: z.enum(['requested', 'retry', 'watch']),
  }),
);
