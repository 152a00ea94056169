import {
  type AnyConsumer,
  type App,
  type Clock,
  type Consumer,
  type Database,
  type Logger,
  type Outbox,
  reasonOf,
  type Tx,
} from '../../../platform/index.ts';
import type { Actor } from '../audit/audit.ts';
import type { DeviceLink, Heard } from '../link.ts';
import { takeAnswer } from './answers.ts';
import type { DeviceCommand } from './command.ts';
import { DeviceCommandDue } from './events.ts';
import { commandRoutes } from './routes.ts';
import { type CommandSender, createCommandSender } from './sender.ts';
import { type Confirmed, expireCommand, type NewCommand, proposeCommand } from './store.ts';

export interface DeviceCommandsDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  outbox: Outbox;
}

/** What people and the product order devices to do, from proposal to answer. */
export interface DeviceCommands {
  propose(tx: Tx, device: string, command: NewCommand, by: Actor, confirmed?: Confirmed): Promise<DeviceCommand>;
  /** Takes an answer in; resolves when it is kept. */
  answered: Heard;
  /** The loop that sends over this process's way to devices. */
  sender(link: DeviceLink): CommandSender;
  routes: (app: App) => void;
  consumers: readonly AnyConsumer[];
}

export function createDeviceCommands(deps: DeviceCommandsDeps): DeviceCommands {
  const { db, clock, log, outbox } = deps;
  const senders: CommandSender[] = [];
  /** What was confirmed in this process need not wait for the next look. */
  const confirmed = (tx: Tx, id: string): void =>
    tx.afterCommit(() => {
      for (const sender of senders) sender.nudge(id);
    });
  const propose: DeviceCommands['propose'] = async (tx, device, command, by, decided) => {
    const proposed = await proposeCommand(tx, { outbox, nowMs: clock.nowMs() }, device, command, by, decided);
    if (proposed.state === 'confirmed') confirmed(tx, proposed.id);
    return proposed;
  };
  const timer: Consumer<{ commandId: string }> = {
    name: 'ingest.device-command-due',
    event: DeviceCommandDue,
    batchSize: 50,
    handle: async (tx, events) => {
      for (const { payload } of events) await expireCommand(tx, payload.commandId, clock.nowMs());
    },
  };
  return {
    propose,
    answered: ({ tenantId, device, payload }) =>
      db
        .tenant(tenantId, (tx) => takeAnswer(tx, device, payload, clock.nowMs()))
        .then((outcome) => ({ problem: 'reason' in outcome ? outcome.reason : null }))
        .catch((error: unknown) => {
          log.warn({ reason: reasonOf(error), tenantId, device }, 'an answer could not be kept; it is wanted again');
          throw error;
        }),
    sender: (link) => {
      const sender = createCommandSender({ db, clock, log, link });
      senders.push(sender);
      return sender;
    },
    routes: commandRoutes({ db, clock, propose, confirmed }),
    consumers: [timer],
  };
}
