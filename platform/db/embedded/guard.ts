import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ServiceUser } from './serviceUser.ts';

/**
 * Runs a server so that it cannot outlive this process, however this process dies.
 *
 * A shell stands between: it holds the reading end of a pipe whose other end only we have, and when that closes (we
 * stopped, or were killed) it asks the server to stop, five seconds later more firmly. Should the shell itself be
 * killed, the kernel sends the server the same signal (setpriv --pdeathsig, part of every Debian). The session is its
 * own, so that a Ctrl-C in the terminal reaches Faultline first, which then stops the server in order.
 */
export function guardedCommand(command: string, args: string[], user: ServiceUser | undefined): ChildProcess {
  const onParentDeath = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'INT'] : [];
  const script = [
    'exec 3<&0',
    '"$@" 3<&- </dev/null & server=$!',
    '( cat <&3 >/dev/null; kill -INT $server; sleep 5; kill -QUIT $server ) 2>/dev/null 1>&2 & watch=$!',
    'exec 3<&-',
    'wait $server; code=$?',
    'kill $watch 2>/dev/null',
    'exit $code',
  ].join('\n');
  return spawn('/bin/sh', ['-c', script, 'sh', ...onParentDeath, command, ...args], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
