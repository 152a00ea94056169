/** MQTT 3.1.1 control packet types (§2.2.1), as the high four bits of the first byte. */
export const CONNECT = 1;
export const PUBLISH = 3;
export const PUBREL = 6;
export const PINGREQ = 12;
export const DISCONNECT = 14;

export const PINGRESP = Buffer.from([0xd0, 0x00]);

/** CONNACK return codes (§3.2.2.3). */
export const CONNACK_IDENTIFIER = 2;
export const CONNACK_UNAVAILABLE = 3;
export const CONNACK_CREDENTIALS = 4;
export const CONNACK_NOT_AUTHORIZED = 5;

export function connack(returnCode: number): Buffer {
  return Buffer.from([0x20, 0x02, 0x00, returnCode]);
}

/** CONNACK of MQTT 5 (§3.2.2.2 there): 0x84, unsupported protocol version, without properties. */
export const CONNACK_MQTT5 = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);

/** First bytes of PUBACK, PUBREC and PUBCOMP, each followed by length 2 and the packet identifier. */
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBCOMP = 0x70;

/** The longest fixed header: type and four bytes of remaining length (§2.2.3). */
export const MAX_FIXED_HEADER_BYTES = 5;
