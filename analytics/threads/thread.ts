import { parentPort } from 'node:worker_threads';
import { analyseTask, buffersOf } from './analyseTask.ts';
import type { ThreadReply, ThreadRequest } from './messages.ts';

const port = parentPort;
if (!port) throw new Error('thread.ts runs as a worker thread of pool.ts only');

const WARM_UP_SAMPLES = 16_384;
const WARM_UP_ROUNDS = 3;

/** Compiles the transforms before the first real block waits for them. */
function warmUp(): void {
  const samples = Float32Array.from(
    { length: WARM_UP_SAMPLES },
    (_, i) => Math.sin(i * 0.37) + Math.sin(i * i * 0.011),
  );
  const block = { samples, samplingRateHz: 12_000, unit: 'g' as const, speedRpm: 1500 };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) analyseTask({ block, facts: {}, definitions: [] });
}

port.on('message', ({ id, tasks }: ThreadRequest) => {
  const results = tasks.map(analyseTask);
  port.postMessage({ id, results } satisfies ThreadReply, buffersOf(results));
});
warmUp();
port.postMessage({ ready: true } satisfies ThreadReply);
