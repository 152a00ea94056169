import type { MqttClient } from 'mqtt';
import protobuf from 'protobufjs/minimal.js';

/** A metric as an edge node thinks of it. */
export interface TestMetric {
  name?: string;
  alias?: number;
  /** Datatype code; 10 (Double) unless given. */
  datatype?: number;
  value: number | boolean | bigint | null;
  timestampMs?: number;
  unit?: string;
  historical?: boolean;
}

export interface TestPayload {
  timestampMs?: number;
  seq?: number;
  metrics: readonly TestMetric[];
}

/** Encodes a payload with protobufjs, independently of the decoder under test. */
export function encodePayload({ timestampMs, seq, metrics }: TestPayload): Buffer {
  const writer = protobuf.Writer.create();
  if (timestampMs !== undefined) writer.uint32(8).uint64(timestampMs);
  for (const metric of metrics) writeMetric(writer.uint32(18).fork(), metric).ldelim();
  if (seq !== undefined) writer.uint32(24).uint64(seq);
  return Buffer.from(writer.finish());
}

function writeMetric(writer: protobuf.Writer, metric: TestMetric): protobuf.Writer {
  const { name, alias, datatype = 10, value, timestampMs, unit, historical } = metric;
  if (name !== undefined) writer.uint32(10).string(name);
  if (alias !== undefined) writer.uint32(16).uint64(alias);
  if (timestampMs !== undefined) writer.uint32(24).uint64(timestampMs);
  writer.uint32(32).uint32(datatype);
  if (historical) writer.uint32(40).bool(true);
  if (unit !== undefined) {
    const properties = writer.uint32(74).fork();
    properties.uint32(10).string('engUnit').uint32(18).fork().uint32(8).uint32(12).uint32(66).string(unit).ldelim();
    properties.ldelim();
  }
  if (value === null) writer.uint32(56).bool(true);
  else if (typeof value === 'boolean') writer.uint32(112).bool(value);
  else if (typeof value === 'bigint') writer.uint32(88).uint64(Number(value));
  else writer.uint32(105).double(value);
  return writer;
}

/** What an edge node says with its birth, beside its own metrics. */
export function nodeBirth(bdSeq: number, timestampMs: number, metrics: readonly TestMetric[]): Buffer {
  return encodePayload({
    timestampMs,
    seq: 0,
    metrics: [
      { name: 'bdSeq', datatype: 8, value: BigInt(bdSeq) },
      { name: 'Node Control/Rebirth', datatype: 11, value: false },
      ...metrics,
    ],
  });
}

export function nodeDeath(bdSeq: number): Buffer {
  return encodePayload({ metrics: [{ name: 'bdSeq', datatype: 8, value: BigInt(bdSeq) }] });
}

/** Messages that a client receives, by topic. */
export function inbox(client: MqttClient) {
  const messages: { topic: string; payload: Buffer; retain: boolean }[] = [];
  client.on('message', (topic, payload, packet) => messages.push({ topic, payload, retain: packet.retain }));
  return messages;
}
