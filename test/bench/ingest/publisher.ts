import { createConnection } from 'node:net';
import { generate } from 'mqtt-packet';

/** What the bench tells its publisher process. */
export interface PublishTask {
  port: number;
  connections: { username: string; password: string; topic: string }[];
  messages: number;
  /** In flight per connection. */
  window: number;
  /** Device time of the first message, nanoseconds; each later one of a connection is a microsecond on. */
  firstTimeNs: string;
  /** Messages a second over all connections; null: as fast as they are acknowledged. */
  ratePerSecond: number | null;
}

/** What it answers. */
export interface PublishResult {
  acknowledged: number;
  elapsedMs: number;
  cpuMs: number;
}

const PER_WRITE = 32;

/**
 * The same publisher for every contender: ready-made packets whose time and sequence are written over in place, sent
 * whenever acknowledgements have come.
 */
function publish(task: PublishTask): void {
  const { connections, messages, window, ratePerSecond } = task;
  const share = Math.floor(messages / connections.length);
  let acknowledged = 0;
  let ready = 0;
  let startedMs = 0;
  let cpu = process.cpuUsage();
  const pumps: ((allowed: number) => void)[] = [];
  for (const [index, { username, password, topic }] of connections.entries()) {
    const socket = createConnection({ host: '127.0.0.1', port: task.port });
    socket.setNoDelay(true);
    socket.on('error', fail);
    socket.write(
      generate({
        ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
        ...{ clientId: `bench-${process.pid}-${index}`, username, password: Buffer.from(password) },
      } as Parameters<typeof generate>[0]),
    );
    const make = packetMaker(topic, index, BigInt(task.firstTimeNs));
    let sent = 0;
    let answered = 0;
    const pump = (allowed: number): void => {
      const room = Math.min(window - (sent - answered), share - sent, allowed);
      if (room < PER_WRITE && sent + room < share && allowed === Number.POSITIVE_INFINITY) return;
      const packets: Buffer[] = [];
      for (let done = 0; done < room; done++) packets.push(make(sent++));
      if (packets.length > 0) socket.write(Buffer.concat(packets));
    };
    pumps.push(pump);
    let connected = false;
    let rest = 0;
    socket.on('data', (chunk: Buffer) => {
      if (!connected) {
        if (chunk[3] !== 0) return fail(new Error(`CONNACK ${chunk[3]}`));
        connected = true;
        if (++ready === connections.length) begin();
        return;
      }
      // Only PUBACKs of four bytes come.
      rest += chunk.length;
      const count = Math.floor(rest / 4);
      rest -= 4 * count;
      answered += count;
      acknowledged += count;
      if (acknowledged === share * connections.length) return finish();
      if (ratePerSecond === null) pump(Number.POSITIVE_INFINITY);
    });
  }

  function begin(): void {
    startedMs = performance.now();
    cpu = process.cpuUsage();
    if (ratePerSecond === null) {
      for (const pump of pumps) pump(Number.POSITIVE_INFINITY);
      return;
    }
    let granted = 0;
    setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) * ratePerSecond) / 1000 / pumps.length);
      for (const pump of pumps) pump(due - granted);
      granted = due;
    }, 5);
  }

  function finish(): void {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - startedMs;
    const result: PublishResult = { acknowledged, elapsedMs, cpuMs: (user + system) / 1000 };
    process.send!(result, () => process.exit(0));
  }
}

/** Packets of one length: sequence, time and packet identifier are written over a copy of the first. */
function packetMaker(topic: string, index: number, firstTimeNs: bigint): (number: number) => Buffer {
  const payload = `{"boot":"${firstTimeNs}-${index}","seq":1000000,"time":"${firstTimeNs}","samples":[{"point":"load-0","value":100.0}]}`;
  const first = generate({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId: 1 });
  const payloadAt = first.length - payload.length;
  const idAt = payloadAt - 2;
  const seqAt = payloadAt + payload.indexOf('1000000');
  const timeAt = payloadAt + payload.indexOf('"time":"') + 8;
  const valueAt = payloadAt + payload.indexOf('100.0');
  return (number) => {
    const packet = Buffer.from(first);
    packet.writeUInt16BE((number % 65_000) + 1, idAt);
    packet.write(String(1_000_000 + number), seqAt, 'latin1');
    packet.write(String(firstTimeNs + BigInt(number) * 1_000n), timeAt, 'latin1');
    packet.write(String(100 + (number % 900)), valueAt, 'latin1');
    return packet;
  };
}

function fail(error: Error): void {
  process.stderr.write(`publisher: ${error.message}\n`);
  process.exit(1);
}

process.once('message', (task: PublishTask) => publish(task));
