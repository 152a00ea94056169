import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../../platform/index.ts';
import { decodeStretch, type RawStretch } from '../../history/store.ts';
import { thresholdErrors } from '../errors.ts';
import type { PointSettings } from '../settingsFor.ts';
import { createReplay, type ReplayOptions, type ReplayResult } from './replay.ts';

/** One point's history under several settings: decoded once, judged once for each. */
export interface ReplayTask {
  readonly settings: readonly PointSettings[];
  readonly options: Omit<ReplayOptions, 'onVerdict'>;
  /** Whether to compare the first replay with what was recorded under its version. */
  readonly compare: boolean;
}

export interface ReplayAnswer {
  readonly results: readonly ReplayResult[];
  /** How many verdicts recorded under the first settings' version came out the same. */
  readonly reproduced: { compared: number; equal: number };
}

/** Where replays run. */
export interface ReplayRunner {
  run(task: ReplayTask, stretches: AsyncIterable<RawStretch>): Promise<ReplayAnswer>;
  close(): Promise<void>;
}

/** One task in the making; the thread and the calling process use the same. */
export function beginTask({ settings, options, compare }: ReplayTask) {
  const reproduced = { compared: 0, equal: 0 };
  const replays = settings.map((of, i) =>
    createReplay(of, {
      ...options,
      ...(i === 0 && compare
        ? {
            onVerdict: (verdict, recorded) => {
              if (recorded.settingsVersion !== of.version) return;
              reproduced.compared += 1;
              if (verdict.outcome === recorded.outcome && verdict.act === recorded.act) reproduced.equal += 1;
            },
          }
        : {}),
    }),
  );
  return {
    take: (raw: RawStretch): boolean => {
      const stretch = decodeStretch(raw);
      return replays.map((replay) => replay.take(stretch)).some((wantsMore) => wantsMore);
    },
    answer: (): ReplayAnswer => ({ results: replays.map((replay) => replay.result()), reproduced }),
  };
}

/** For a few thousand observations: in the calling process, giving way between stretches. */
export const replayHere: ReplayRunner = {
  run: async (task, stretches) => {
    const begun = beginTask(task);
    for await (const raw of stretches) {
      if (!begun.take(raw)) break;
      await setImmediate();
    }
    return begun.answer();
  },
  close: async () => undefined,
};

export type ThreadRequest = { readonly begin: ReplayTask } | { readonly take: RawStretch } | { readonly end: true };
export type ThreadReply =
  | { readonly wantsMore: boolean }
  | { readonly answer: ReplayAnswer }
  | { readonly failure: string };

const HEAP_MB = 384;

/** For weeks of history: in a thread of its own, so that neither intake nor analysis waits. */
export function replayInThread(): ReplayRunner {
  const worker = new Worker(new URL('./replayThread.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let waiting: { resolve: (reply: ThreadReply) => void; reject: (error: Error) => void } | null = null;
  let dead: Error | null = null;
  const die = (reason: string) => {
    dead ??= thresholdErrors.THRESHOLD_REPLAY_FAILED({ reason });
    waiting?.reject(dead);
    waiting = null;
  };
  worker.on('message', (reply: ThreadReply) => {
    waiting?.resolve(reply);
    waiting = null;
  });
  worker.on('error', (error) => die(reasonOf(error)));
  worker.on('exit', (code) => die(`its thread exited with code ${code}`));
  const ask = async (request: ThreadRequest): Promise<ThreadReply> => {
    if (dead) throw dead;
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage(request);
    });
    if ('failure' in reply) throw thresholdErrors.THRESHOLD_REPLAY_FAILED({ reason: reply.failure });
    return reply;
  };
  return {
    run: async (task, stretches) => {
      await ask({ begin: task });
      for await (const raw of stretches) {
        const reply = await ask({ take: raw });
        if ('wantsMore' in reply && !reply.wantsMore) break;
      }
      const reply = await ask({ end: true });
      return (reply as { answer: ReplayAnswer }).answer;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
