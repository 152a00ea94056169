import { Worker } from 'node:worker_threads';
import { lineError } from '../rows.ts';
import { DocumentProblem, parseDocuments } from './documents.ts';

/** YAML is read at about a megabyte in some seconds: beyond this a file is to be sent as JSON. */
const LARGEST_YAML_CHARS = 8 * 1024 * 1024;
const LARGEST_XML_CHARS = 64 * 1024 * 1024;
/** Below this a thread would take longer to start than the text takes to read. */
const SMALL_CHARS = 4 * 1024;
const HEAP_MB = 1024;

/**
 * Reads YAML or XML beside the process's own thread, which goes on serving.
 * @throws {FaultlineError} CMDB_IMPORT_LINE also for bombs: entities, aliases without end, nesting without end
 */
export async function readDocuments(file: string, kind: 'yaml' | 'xml', text: string): Promise<unknown[]> {
  const most = kind === 'yaml' ? LARGEST_YAML_CHARS : LARGEST_XML_CHARS;
  if (text.length > most) {
    const advice = kind === 'yaml' ? 'send it as JSON, which is read much faster' : 'divide it';
    throw lineError({ file, line: 1 }, kind.toUpperCase(), `has more than ${most} characters; ${advice}.`);
  }
  const answer = text.length < SMALL_CHARS ? readHere(kind, text) : await readBeside(kind, text);
  if ('documents' in answer) return answer.documents;
  throw lineError({ file, line: answer.line }, kind.toUpperCase(), answer.problem);
}

type Answer = { readonly documents: unknown[] } | { readonly problem: string; readonly line: number };

function readHere(kind: 'yaml' | 'xml', text: string): Answer {
  try {
    return { documents: parseDocuments(kind, text) };
  } catch (error) {
    if (error instanceof DocumentProblem) return { problem: error.message, line: error.line };
    throw error;
  }
}

function readBeside(kind: 'yaml' | 'xml', text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./documentThread.ts', import.meta.url), {
      execArgv: [],
      workerData: { kind, text },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
      resolve({ problem: 'takes more memory to read than one import may; divide it.', line: 1 });
    });
  });
}
