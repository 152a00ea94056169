import { LedgerEntry } from '../ledger/ledger.ts';
import { type Quarantining, quarantinings } from '../quarantine/quarantine.ts';
import type { Stretch } from '../stretches.ts';
import type { Rejection } from '../units.ts';
import { DUPLICATE, refusal, type Settlement, STORED } from './settle.ts';

/** What the storing of a batch moves in the ledger, and what it leaves for quarantine. */
export interface Booking {
  ledger: LedgerEntry;
  quarantined: Quarantining[];
}

/**
 * Books each unit of a batch where it came to be: the numbers add up to the units that were accepted.
 *
 * @param tally position in the spool up to which units are counted as accepted and pending already
 * @param settled what became of the batch's readings and blocks, in their order
 */
export function bookingOf(
  stretches: readonly Stretch[],
  tally: number,
  settled: { readings: Settlement; blocks: Settlement },
): Booking {
  const ledger = new LedgerEntry();
  const quarantined: Quarantining[] = [];
  let reading = 0;
  let block = 0;
  for (const { messages, units } of stretches) {
    const termsOf = (message: number) => {
      const { tenantId, deviceName } = messages.origin(message);
      return ledger.of(tenantId, deviceName);
    };
    for (let message = 0; message < messages.length; message++) {
      const terms = termsOf(message);
      const accepted = messages.accepted(message);
      // What the tally has counted already waits in `pending`; the rest is accepted here and now.
      if (messages.offset(message) < tally) terms.pending -= accepted;
      else terms.accepted += accepted;
    }
    const rejected = new Map<number, Rejection[]>();
    const reject = (message: number, rejection: Rejection): void => {
      const others = rejected.get(message);
      if (others) others.push(rejection);
      else rejected.set(message, [rejection]);
    };
    const settle = (message: number, index: number, { outcomes, reasons }: Settlement, at: number): void => {
      const outcome = outcomes[at];
      if (outcome === STORED) termsOf(message).stored++;
      else if (outcome === DUPLICATE) termsOf(message).duplicate++;
      else reject(message, refusal(index, reasons.get(at)!));
    };
    for (const { message, rejection } of units.rejections) reject(message, rejection);
    const { columns, blocks } = units;
    for (let at = 0; at < columns.length; at++)
      settle(columns.messages[at]!, columns.indexes[at]!, settled.readings, reading++);
    for (const { message, unit } of blocks) settle(message, unit.index, settled.blocks, block++);
    for (const [message, rejections] of rejected) {
      for (const entry of quarantinings(messages.message(message), messages.accepted(message), rejections)) {
        quarantined.push(entry);
        termsOf(message).quarantined += entry.units;
      }
    }
  }
  return { ledger, quarantined };
}
