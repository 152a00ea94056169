import { randomInt, randomUUIDv7 } from 'node:crypto';

const COUNTER_BITS = 12;
/** Where the counter starts within a millisecond: in its lower half, so that there is room to count. */
const START_BELOW = 1 << (COUNTER_BITS - 1);

let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7: unique, and greater as text than every one made before it in this process, also within one millisecond
 * or when the clock goes back (RFC 9562 §6.2, method 1: the 12 bits behind the version are a counter).
 */
export function newId(): string {
  const made = randomUUIDv7();
  const nowMs = Number.parseInt(made.slice(0, 8) + made.slice(9, 13), 16);
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = randomInt(START_BELOW);
  } else if (++counter === 1 << COUNTER_BITS) {
    // More in one millisecond than the counter can tell apart: the next one is begun early.
    lastMs++;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${made.slice(18)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text has the form of a UUID, of any version. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
