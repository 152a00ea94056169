import { readJournal } from '../../simulators/load/index.ts';
import type { TracedCall } from './spoolTrace.ts';

/** A message of the load as its bytes name it; boots are unique, so the device need not be told. */
export type MessageKey = string;

/** A PUBACK that left the process. */
export interface Puback {
  key: MessageKey;
  /** Line of the trace at which the kernel was asked to send it. */
  sentAt: number;
}

const MESSAGE = /"boot":"([^"]+)","seq":(\d+),/g;

/** Every message that lies whole in these bytes. */
export function keysIn(bytes: Buffer): MessageKey[] {
  return [...bytes.toString('latin1').matchAll(MESSAGE)].map(([, boot, seq]) => `${boot} ${seq}`);
}

/**
 * The PUBACKs of a trace, told by what the process itself read and wrote: a socket belongs to the device whose topic it
 * publishes to, and a publisher that never reconnected numbers its packets 1, 2, 3 … as it numbers its messages.
 */
export async function pubacksOf(calls: readonly TracedCall[], journalPath: string): Promise<Puback[]> {
  const bootOf = new Map<string, string>();
  for await (const { device, boot } of readJournal(journalPath)) bootOf.set(device, boot);
  const deviceOf = new Map<string, string>();
  const rests = new Map<string, Buffer>();
  const promised: Puback[] = [];
  for (const call of calls) {
    if (!call.target.startsWith('TCP')) continue;
    if (call.name === 'read') {
      if (deviceOf.has(call.target)) continue;
      const device = /fl\/1\/default\/([^/]+)\/telemetry/.exec(call.bytes.toString('latin1'))?.[1];
      if (device !== undefined) deviceOf.set(call.target, device);
      continue;
    }
    const boot = bootOf.get(deviceOf.get(call.target) ?? '');
    if (boot === undefined) continue;
    let bytes = Buffer.concat([rests.get(call.target) ?? Buffer.alloc(0), call.bytes]);
    for (; bytes.length >= 2 && bytes.length >= 2 + bytes[1]!; bytes = bytes.subarray(2 + bytes[1]!)) {
      if (bytes[0] !== 0x40) continue;
      promised.push({ key: `${boot} ${bytes.readUInt16BE(2) - 1}`, sentAt: call.calledAt });
    }
    rests.set(call.target, bytes);
  }
  return promised;
}
