/**
 * The few MQTT 3.1.1 packets that a device which only publishes needs. Clause numbers refer to the OASIS standard.
 */

/** An answer of the broker. */
export type BrokerPacket =
  | { type: 'connack'; returnCode: number; sessionPresent: boolean }
  | { type: 'puback'; packetId: number }
  | { type: 'pingresp' }
  | { type: 'other'; packetType: number };

export interface ConnectOptions {
  clientId: string;
  username?: string;
  password?: string;
  keepAliveSeconds: number;
  cleanSession: boolean;
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const prefixed = Buffer.allocUnsafe(2 + bytes.length);
  prefixed.writeUInt16BE(bytes.length, 0);
  bytes.copy(prefixed, 2);
  return prefixed;
}

/** Remaining length, 2.2.3: seven bits a byte, lowest first. */
function writeRemainingLength(target: Buffer, offset: number, length: number): number {
  let rest = length;
  let at = offset;
  do {
    const digit = rest & 0x7f;
    rest >>>= 7;
    target[at++] = rest > 0 ? digit | 0x80 : digit;
  } while (rest > 0);
  return at;
}

function framed(firstByte: number, body: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(5 + body.length);
  packet[0] = firstByte;
  const at = writeRemainingLength(packet, 1, body.length);
  body.copy(packet, at);
  return packet.subarray(0, at + body.length);
}

/** CONNECT, 3.1. */
export function connectPacket(options: ConnectOptions): Buffer {
  const { clientId, username, password, keepAliveSeconds, cleanSession } = options;
  const flags = (cleanSession ? 0x02 : 0) | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const fields = [
    lengthPrefixed('MQTT'),
    Buffer.from([4, flags, keepAliveSeconds >> 8, keepAliveSeconds & 0xff]),
    lengthPrefixed(clientId),
  ];
  if (username !== undefined) fields.push(lengthPrefixed(username));
  if (password !== undefined) fields.push(lengthPrefixed(password));
  return framed(0x10, Buffer.concat(fields));
}

/** The largest number of bytes that a PUBLISH adds to topic and payload. */
export const PUBLISH_OVERHEAD = 9;
const DUP = 0x08;

/**
 * Writes a QoS 1 PUBLISH, 3.3, into `target` and returns the offset behind it.
 *
 * @param duplicate sets DUP: this packet was sent before and has not been acknowledged
 */
export function writePublish(
  target: Buffer,
  offset: number,
  topic: Buffer,
  payload: Uint8Array,
  packetId: number,
  duplicate: boolean,
): number {
  target[offset] = 0x32 | (duplicate ? DUP : 0);
  let at = writeRemainingLength(target, offset + 1, 4 + topic.length + payload.length);
  target[at++] = topic.length >> 8;
  target[at++] = topic.length & 0xff;
  target.set(topic, at);
  at += topic.length;
  target[at++] = packetId >> 8;
  target[at++] = packetId & 0xff;
  target.set(payload, at);
  return at + payload.length;
}

export const PINGREQ: Buffer = Buffer.from([0xc0, 0]);
export const DISCONNECT: Buffer = Buffer.from([0xe0, 0]);

/** Cuts the broker's byte stream into packets. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes a chunk as it came from the socket and hands on every packet that is complete. */
  read(chunk: Buffer, handle: (packet: BrokerPacket) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    while (bytes.length - start >= 2) {
      let at = start + 1;
      let length = 0;
      let shift = 0;
      while (at < bytes.length && bytes[at]! >= 0x80) {
        length |= (bytes[at++]! & 0x7f) << shift;
        shift += 7;
        if (shift > 21) throw new Error('the broker sent a remaining length of more than four bytes');
      }
      if (at >= bytes.length) break;
      length |= bytes[at++]! << shift;
      if (bytes.length - at < length) break;
      handle(decode(bytes, start, at, length));
      start = at + length;
    }
    this.#rest = start === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start));
  }
}

function decode(bytes: Buffer, start: number, body: number, length: number): BrokerPacket {
  const packetType = bytes[start]! >> 4;
  if (packetType === 4 && length === 2) return { type: 'puback', packetId: bytes.readUInt16BE(body) };
  if (packetType === 2 && length === 2) {
    return { type: 'connack', sessionPresent: (bytes[body]! & 1) === 1, returnCode: bytes[body + 1]! };
  }
  if (packetType === 13) return { type: 'pingresp' };
  return { type: 'other', packetType };
}

/** Return codes of CONNACK, 3.2.2.3, as a person reads them. */
export function connackReason(returnCode: number): string {
  const reasons: Record<number, string> = {
    1: 'unacceptable protocol version',
    2: 'client identifier rejected',
    3: 'server unavailable',
    4: 'bad user name or password',
    5: 'not authorised',
  };
  return reasons[returnCode] ?? `return code ${returnCode}`;
}
