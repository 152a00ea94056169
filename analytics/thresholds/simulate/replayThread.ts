import { parentPort } from 'node:worker_threads';
import { reasonOf } from '../../../platform/pure.ts';
import { beginTask, type ThreadReply, type ThreadRequest } from './runner.ts';

const port = parentPort;
if (!port) throw new Error('replayThread.ts runs as a worker thread of runner.ts only');

let task: ReturnType<typeof beginTask> | null = null;

function answer(request: ThreadRequest): ThreadReply {
  if ('begin' in request) {
    task = beginTask(request.begin);
    return { wantsMore: true };
  }
  if (!task) throw new Error('nothing was begun');
  return 'take' in request ? { wantsMore: task.take(request.take) } : { answer: task.answer() };
}

port.on('message', (request: ThreadRequest) => {
  try {
    port.postMessage(answer(request));
  } catch (error) {
    port.postMessage({ failure: reasonOf(error) } satisfies ThreadReply);
  }
});
