import { createConnection } from 'node:net';
import { generate } from 'mqtt-packet';

/** What the bench tells its publisher process. */
export interface PublisherTask {
  port: number;
  durationMs: number;
  /** Messages in flight per connection. */
  window: number;
  connections: { username: string; secret: string; topic: string }[];
}

/** What it answers. */
export interface PublisherResult {
  acknowledged: number;
  elapsedMs: number;
  cpuMs: number;
}

const PER_WRITE = 32;

/**
 * A publisher that costs as little as possible, for it shares the machine with what is measured: ready-made packets,
 * written again whenever so many acknowledgements have come. Runs as a child process of the bench.
 */
function publish(task: PublisherTask): void {
  let acknowledged = 0;
  let ready = 0;
  let startedMs = 0;
  let cpu = process.cpuUsage();
  const starters: (() => void)[] = [];
  for (const [index, { username, secret, topic }] of task.connections.entries()) {
    const batches = batchesFor(topic, task.window);
    const socket = createConnection({ host: '127.0.0.1', port: task.port });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the broker closed a connection')));
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `bench-${index}`,
        keepalive: 0,
        username,
        password: Buffer.from(secret),
      }),
    );
    let next = 0;
    let owedBytes = 0;
    const send = (): void => {
      socket.write(batches[next]!);
      next = (next + 1) % batches.length;
    };
    starters.push(() => batches.forEach(send));
    let connected = false;
    socket.on('data', (chunk: Buffer) => {
      if (!connected) {
        if (chunk[3] !== 0) return fail(new Error(`CONNACK ${chunk[3]}`));
        connected = true;
        if (++ready < task.connections.length) return;
        startedMs = performance.now();
        cpu = process.cpuUsage();
        setTimeout(finish, task.durationMs);
        for (const start of starters) start();
        return;
      }
      acknowledged += chunk.length / 4;
      owedBytes += chunk.length;
      for (; owedBytes >= PER_WRITE * 4; owedBytes -= PER_WRITE * 4) send();
    });
  }

  function finish(): void {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - startedMs;
    process.send!(
      { acknowledged: Math.floor(acknowledged), elapsedMs, cpuMs: (user + system) / 1000 } satisfies PublisherResult,
      () => process.exit(0),
    );
  }
}

function batchesFor(topic: string, window: number): Buffer[] {
  const batches: Buffer[] = [];
  for (let first = 1; first <= window; first += PER_WRITE) {
    const packets = Array.from({ length: PER_WRITE }, (_, index) => {
      const payload = JSON.stringify({
        point: 'velocity',
        value: 1.5 + index / 7,
        seq: first + index,
        time: 1_767_323_045_123,
      });
      return generate({ cmd: 'publish', topic, payload, qos: 1, messageId: first + index, dup: false, retain: false });
    });
    batches.push(Buffer.concat(packets));
  }
  return batches;
}

function fail(error: Error): void {
  process.stderr.write(`publisher: ${error.message}\n`);
  process.exit(1);
}

process.once('message', (task: PublisherTask) => publish(task));
