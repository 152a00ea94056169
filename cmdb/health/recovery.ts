import type { Consumer } from '../../platform/index.ts';
import { endFailures } from './ciStates.ts';
import { CiRecoveryDue } from './events.ts';
import { type HealthDeps, lockHealth } from './healthChange.ts';

/** Looks, when the time has come, whether a CI has stayed well. */
export function recoveryConsumer(
  deps: HealthDeps,
): Consumer<{ failureId: string; ciId: string; recoveredAtMs: number }> {
  return {
    name: 'cmdb.recovery',
    event: CiRecoveryDue,
    batchSize: 200,
    handle: async (tx, events) => {
      await lockHealth(tx);
      await endFailures(
        deps,
        tx,
        events.map((event) => event.payload),
      );
    },
  };
}
