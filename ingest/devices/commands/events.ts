import { z } from 'zod';
import { defineEvent } from '../../../platform/index.ts';

/** The time of a command is over. Published with the proposal and delivered then: a timer that survives anything. */
export const DeviceCommandDue = defineEvent('DeviceCommandDue', z.object({ commandId: z.uuid() }));
