/** Identifiers of PUBLISH properties (MQTT 5 §3.3.2.3) that we read. */
const SUBSCRIPTION_IDENTIFIER = 0x0b;
const USER_PROPERTY = 0x26;

/** How long the value of a property is that starts at `at` (§2.2.2.2); -1 for one that a PUBLISH cannot have. */
function valueBytes(property: number, bytes: Buffer, at: number, end: number): number {
  switch (property) {
    case 0x01: // payload format indicator
      return 1;
    case 0x02: // message expiry interval
      return 4;
    case 0x23: // topic alias
      return 2;
    case SUBSCRIPTION_IDENTIFIER: {
      let length = 1;
      while (length < 4 && at + length <= end && bytes[at + length - 1]! >= 0x80) length++;
      return length;
    }
    case 0x03: // content type
    case 0x08: // response topic
    case 0x09: // correlation data
      return at + 2 > end ? -1 : 2 + bytes.readUInt16BE(at);
    case USER_PROPERTY: {
      const name = valueBytes(0x03, bytes, at, end);
      const value = name < 0 ? -1 : valueBytes(0x03, bytes, at + name, end);
      return value < 0 ? -1 : name + value;
    }
    default:
      return -1;
  }
}

/**
 * By which of our subscriptions a message came (§3.3.2.3.8): bit `n` stands for identifier `n`, of 1 to 30. A broker sends
 * one copy with several identifiers, or several copies. 0: it named none.
 *
 * @param start of the properties in `bytes`, behind their length; `end` behind the last
 */
export function subscriptionsNamed(bytes: Buffer, start: number, end: number): number {
  let named = 0;
  for (let at = start; at < end; ) {
    const property = bytes[at]!;
    const length = valueBytes(property, bytes, at + 1, end);
    if (length < 0) return named;
    if (property === SUBSCRIPTION_IDENTIFIER && length === 1 && bytes[at + 1]! < 31) named |= 1 << bytes[at + 1]!;
    at += 1 + length;
  }
  return named;
}

/** The value of the user property of this name (§3.3.2.3.7); null when there is none, or more than one: it then tells nothing. */
export function userProperty(bytes: Buffer, start: number, end: number, name: string): string | null {
  let found: string | null = null;
  for (let at = start; at < end; ) {
    const property = bytes[at]!;
    const length = valueBytes(property, bytes, at + 1, end);
    if (length < 0 || at + 1 + length > end) return null;
    if (property === USER_PROPERTY) {
      const nameEnd = at + 3 + bytes.readUInt16BE(at + 1);
      if (bytes.toString('utf8', at + 3, nameEnd) === name) {
        if (found !== null) return null;
        found = bytes.toString('utf8', nameEnd + 2, at + 1 + length);
      }
    }
    at += 1 + length;
  }
  return found;
}
