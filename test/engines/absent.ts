/**
 * What to do about an engine that this machine does not have: nothing but say so, unless this is CI, where an absent
 * engine is a failure.
 *
 * @returns false, so that a suite can write `describe.runIf(engine ?? absent(...))`
 */
export function absent(engine: string, howToGetIt: string): false {
  const text = `${engine} is not on this machine, so its suite did not run. To run it: ${howToGetIt}`;
  if (process.env.CI === 'true') throw new Error(text);
  console.warn(text);
  return false;
}

/** A free TCP port on loopback. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

/**
 * A free TCP port on loopback below those that outgoing connections are given (32768 and more): nobody's connection takes it
 * while a slow server is not yet, or not again, listening.
 */
export async function steadyPort(): Promise<number> {
  const { createServer } = await import('node:net');
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const isFree = await new Promise<boolean>((done) => {
      const probe = createServer();
      probe.once('error', () => done(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
    });
    if (isFree) return port;
  }
}
