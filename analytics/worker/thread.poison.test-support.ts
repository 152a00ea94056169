import { parentPort } from 'node:worker_threads';
import { analyseTask } from '../threads/analyseTask.ts';
import type { ThreadReply, ThreadRequest } from '../threads/messages.ts';

/** A thread that dies of any block sampled at 666 Hz, as one would of a fault in native code. */
parentPort!.on('message', ({ id, tasks }: ThreadRequest) => {
  if (tasks.some((task) => task.block.samplingRateHz === 666)) process.exit(7);
  parentPort!.postMessage({ id, results: tasks.map(analyseTask) } satisfies ThreadReply);
});
parentPort!.postMessage({ ready: true } satisfies ThreadReply);
