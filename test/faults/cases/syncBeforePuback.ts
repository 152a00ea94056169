import { strict as assert } from 'node:assert';
import type { FaultCase } from '../faultCase.ts';
import { keysIn } from '../pubacks.ts';
import { type TracedCall, untraceable } from '../spoolTrace.ts';
import { tracedLoad } from '../tracedLoad.ts';

export const syncBeforePuback: FaultCase = {
  id: '2',
  title: 'fdatasync precedes each PUBACK, as the kernel saw the process',
  lacks: untraceable,
  run: async (rig) => {
    const messages = rig.pick(5000, 50_000);
    const { calls, pubacks } = await tracedLoad(rig, messages);
    const segments = calls.filter(({ target }) => target.endsWith('.seg'));
    const writtenBy = new Map<string, TracedCall>();
    for (const call of segments)
      if (call.name === 'pwrite64') for (const key of keysIn(call.bytes)) writtenBy.set(key, call);
    const syncs = segments.filter(({ name, result }) => name === 'fdatasync' && result === 0);
    assert.ok(syncs.length > 20, `only ${syncs.length} fdatasync in the trace`);
    const early = pubacks.filter(({ key, sentAt }) => {
      const write = writtenBy.get(key);
      if (!write || write.result !== write.bytes.length) return true;
      return !syncs.some(
        (sync) => sync.target === write.target && sync.calledAt > write.returnedAt && sync.returnedAt < sentAt,
      );
    });
    return {
      ...{ case: '2', injected: `strace over ${syncs.length} fdatasync`, acknowledged: pubacks.length },
      ...{ lost: early.length, doubled: pubacks.length - new Set(pubacks.map(({ key }) => key)).size },
      slowestRecoveryMs: null,
      ...(early.length > 0 ? { note: `acknowledged before they were synced: ${early[0]!.key} …` } : {}),
    };
  },
};
