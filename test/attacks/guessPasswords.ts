import { createConnection } from 'node:net';
import { connectPacket } from '../fixtures/rawClient.ts';

const BURSTS = 10;
const GUESSES = 100;

/** A thousand CONNECTs with wrong passwords, a hundred at a time. @returns how many of them were let in, and how long all took */
export async function guessPasswords(port: number, tenantSlug: string): Promise<{ letIn: number; elapsedMs: number }> {
  let letIn = 0;
  const startedMs = performance.now();
  for (let burst = 0; burst < BURSTS; burst++) {
    await Promise.all(
      Array.from({ length: GUESSES }, async (_, index) => {
        const socket = createConnection({ host: '127.0.0.1', port });
        socket.on('error', () => undefined);
        // CONNACK (§3.2): its fourth byte is the return code.
        socket.on('data', (answer: Buffer) => {
          if (answer[0] === 0x20 && answer[3] === 0) letIn++;
        });
        socket.write(connectPacket({ username: `${tenantSlug}/guess-${burst}-${index}`, secret: 'fld_guess' }));
        await new Promise((resolve) => socket.once('close', resolve));
      }),
    );
  }
  return { letIn, elapsedMs: performance.now() - startedMs };
}
