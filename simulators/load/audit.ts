import { readJournal } from './journal.ts';

/** A sample as it was found: in a store, in the quarantine, or still in the spool. */
export interface FoundSample {
  device: string;
  boot: string;
  seq: number;
  index: number;
  value: number;
}

export interface Audit {
  /** Samples that were acknowledged. */
  acknowledged: number;
  /** Acknowledged and found nowhere. */
  lost: number;
  /** Found with another value. */
  altered: number;
  /** Found more than once; counted once for each time too many. */
  repeated: number;
  /** Found although never acknowledged: allowed, for a PUBACK may be lost on its way. */
  unacknowledged: number;
  /** Up to ten identities of what is wrong, for the failure message. */
  examples: string[];
}

/**
 * Compares what was acknowledged with what was found: lost = acknowledged − found, values compared too.
 *
 * @remarks holds one map entry per acknowledged sample.
 */
export async function auditJournal(
  journalPath: string,
  found: AsyncIterable<FoundSample> | Iterable<FoundSample>,
): Promise<Audit> {
  const expected = new Map<string, number>();
  for await (const { device, boot, seq, values } of readJournal(journalPath)) {
    values.forEach((value, index) => {
      expected.set(`${device} ${boot} ${seq} ${index}`, value);
    });
  }
  const audit: Audit = {
    acknowledged: expected.size,
    lost: 0,
    altered: 0,
    repeated: 0,
    unacknowledged: 0,
    examples: [],
  };
  const seen = new Set<string>();
  const blame = (what: string, identity: string) => {
    if (audit.examples.length < 10) audit.examples.push(`${what}: ${identity}`);
  };
  for await (const { device, boot, seq, index, value } of found) {
    const identity = `${device} ${boot} ${seq} ${index}`;
    if (seen.has(identity)) {
      audit.repeated++;
      blame('repeated', identity);
      continue;
    }
    seen.add(identity);
    const wanted = expected.get(identity);
    if (wanted === undefined) audit.unacknowledged++;
    else if (!Object.is(wanted, value)) {
      audit.altered++;
      blame(`altered from ${wanted} to ${value}`, identity);
    }
  }
  for (const identity of expected.keys()) {
    if (seen.has(identity)) continue;
    audit.lost++;
    blame('lost', identity);
  }
  return audit;
}
