import { parentPort, workerData } from 'node:worker_threads';
import { parseDocuments } from './documents.ts';

/** The far side of `readDocuments`: reads one text and tells what it holds, or why it cannot be read. */
const { kind, text } = workerData as { kind: 'yaml' | 'xml'; text: string };
try {
  parentPort!.postMessage({ documents: parseDocuments(kind, text) });
} catch (error) {
  const { message, line } = error as { message: string; line?: number };
  parentPort!.postMessage({ problem: message, line: line ?? 1 });
}
