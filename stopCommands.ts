import type { z } from 'zod';
import type { DeviceCommands } from './ingest/index.ts';
import { type Consumer, FaultlineError } from './platform/index.ts';
import { StopCommandConfirmed, type Ticketing } from './ticketing/index.ts';

/**
 * Carries a stop that a person has confirmed to the device that obeys for the line, as the device command it is. What can
 * never be sent, such as to a device that is not registered, fails at once and says so.
 */
export function stopCommands(
  commands: Pick<DeviceCommands, 'propose'>,
  ticketing: Pick<Ticketing, 'stopFailed'>,
): Consumer<z.output<typeof StopCommandConfirmed.schema>> {
  return {
    name: 'ingest.stop-command',
    event: StopCommandConfirmed,
    handle: async (tx, events) => {
      for (const { payload } of events) {
        const { commandId, orderId, lineName, because, confirmedBy, confirmedById, confirmedAtMs } = payload;
        const command = { kind: 'stop', body: { orderId, line: lineName, because, confirmedBy } };
        const by = { id: null, name: 'three-level response', source: null };
        const confirmed = {
          ...{ id: commandId, atMs: confirmedAtMs },
          by: { id: confirmedById, name: confirmedBy, source: null },
        };
        try {
          await commands.propose(tx, payload.device, command, by, confirmed);
        } catch (error) {
          if (!(error instanceof FaultlineError) || error.status >= 500) throw error;
          await ticketing.stopFailed(tx, commandId, error.message);
        }
      }
    },
  };
}
