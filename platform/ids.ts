import { randomUUIDv7 } from 'node:crypto';

/** A new UUIDv7: unique, and sortable by the time of its making. */
export function newId(): string {
  return randomUUIDv7();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text has the form of a UUID, of any version. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
