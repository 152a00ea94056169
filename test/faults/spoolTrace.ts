import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One system call as strace saw it; its place in the trace tells what was before what. */
export interface TracedCall {
  name: string;
  /** The file or socket that it was about, as strace resolves descriptors. */
  target: string;
  bytes: Buffer;
  /** Last numeric argument: the position of a pwrite64, the length of a ftruncate. */
  lastNumber: number;
  result: number;
  /** Lines of the trace at which it was called and at which it had returned; Infinity: never returned. */
  calledAt: number;
  returnedAt: number;
}

const CALLS = 'read,write,writev,pwrite64,fdatasync,fsync,ftruncate,openat,unlink';

/** Why no process can be traced here, or null. */
export function untraceable(): string | null {
  return spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0
    ? null
    : 'apt-get install strace, and the right to trace a process of one’s own (ptrace)';
}

/** Watches the system calls of a running process, all of its threads; resolves when it is attached. */
export async function traceProcess(pid: number, path: string): Promise<{ end(): Promise<void> }> {
  const args = ['-f', '-yy', '-xx', '-s', '4194304', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', path];
  const tracer: ChildProcess = spawn('strace', [...args, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(tracer.stderr!, 'data'); // "attached"
  tracer.stderr!.resume();
  const exited = once(tracer, 'exit');
  return {
    end: async () => {
      tracer.kill('SIGINT');
      await exited;
    },
  };
}

const UNFINISHED = ' <unfinished ...>';

/** The calls of a trace that concern a target, in the order in which they were made. */
export async function readTrace(
  path: string,
  wanted: (name: string, target: string) => boolean,
): Promise<TracedCall[]> {
  const calls: TracedCall[] = [];
  const open = new Map<string, { call: TracedCall; text: string }>();
  let at = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    at++;
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || rest === undefined) continue;
    if (rest.startsWith('<... ')) {
      const begun = open.get(thread);
      open.delete(thread);
      if (!begun) continue;
      begun.call.returnedAt = at;
      finish(begun.call, begun.text + rest.slice(rest.indexOf('resumed>') + 8));
      continue;
    }
    const unfinished = rest.endsWith(UNFINISHED);
    const text = unfinished ? rest.slice(0, -UNFINISHED.length) : rest;
    const name = /^\w+/.exec(text)?.[0];
    if (name === undefined) continue;
    const target = plain(/<((?:->|[^<>])*)>/.exec(text)?.[1] ?? '');
    const returnedAt = unfinished ? Number.POSITIVE_INFINITY : at;
    const call = { name, target, bytes: NOTHING, lastNumber: 0, result: Number.NaN, calledAt: at, returnedAt };
    if (name !== 'openat' && !wanted(name, target)) continue;
    // What the arguments say is known at the call, except what `read` gives and `openat` opens.
    finish(call, text);
    if (unfinished) open.set(thread, { call, text });
    calls.push(call);
  }
  return calls.filter((call) => wanted(call.name, call.target));
}

const NOTHING = Buffer.alloc(0);

/** Paths come with each byte in hexadecimal, sockets as they are. */
const plain = (target: string) =>
  target.startsWith('\\x') ? Buffer.from(target.replaceAll('\\x', ''), 'hex').toString() : target;

function finish(call: TracedCall, text: string): void {
  const quoted = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => hex!.replaceAll('\\x', ''));
  call.bytes = Buffer.from(quoted.join(''), 'hex');
  const [, result, opened] = / = (-?\d+)(?:<(.*)>)?/.exec(text.slice(text.lastIndexOf(')') + 1)) ?? [];
  if (result !== undefined) call.result = Number(result);
  if (call.name === 'openat' && opened !== undefined) call.target = plain(opened);
  call.lastNumber = Number(/, (\d+)\)/.exec(text)?.[1] ?? 0);
}
