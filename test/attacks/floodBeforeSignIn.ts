import type { RawClient } from '../fixtures/rawClient.ts';

const SOCKETS = 4;
const BYTES = 200 * 1024 * 1024;

/** The fixed header (MQTT 3.1.1 §2.2) of a packet that claims so many bytes. */
export function claiming(firstByte: number, bytes: number): Buffer {
  const header = [firstByte];
  for (let rest = bytes; ; ) {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
    if (rest === 0) return Buffer.from(header);
  }
}

/**
 * Four sockets that send 200 MB each as one packet, before they have signed in.
 *
 * @param residentBytes of the process attacked
 * @returns until the last of them was closed, and by how much the process had grown at most
 */
export async function floodBeforeSignIn(
  open: () => Promise<RawClient>,
  firstByte: number,
  residentBytes: () => number,
): Promise<{ elapsedMs: number; grownMiB: number }> {
  const clients = await Promise.all(Array.from({ length: SOCKETS }, open));
  const before = residentBytes();
  let peak = before;
  const startedMs = performance.now();
  await Promise.all(
    clients.map(async ({ socket, closed }) => {
      socket.write(claiming(firstByte, BYTES - 1));
      const block = Buffer.alloc(64 * 1024);
      for (let sent = 0; sent < BYTES && !socket.destroyed; sent += block.length) {
        if (!socket.write(block)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
        peak = Math.max(peak, residentBytes());
      }
      await closed;
    }),
  );
  return { elapsedMs: performance.now() - startedMs, grownMiB: (peak - before) / 2 ** 20 };
}
