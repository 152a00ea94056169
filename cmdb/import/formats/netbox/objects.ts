import type { Place } from '../../rows.ts';
import { isRecord, textOf } from '../sourceFile.ts';

/** One object of NetBox, whichever way it was exported. */
export interface NetboxObject extends Place {
  /** `dcim.device`: application and model, as NetBox names its content types. */
  readonly kind: string;
  /** Null in tables that leave it out. */
  readonly id: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The objects of one or several exports, found by id or, where an export refers by name, by name. */
export class NetboxObjects {
  readonly #byKind = new Map<string, NetboxObject[]>();
  readonly #byId = new Map<string, NetboxObject>();
  readonly #byName = new Map<string, NetboxObject[]>();

  add(object: NetboxObject): void {
    const id = object.id === null ? undefined : `${object.kind}:${object.id}`;
    if (id !== undefined && this.#byId.has(id)) return; // pages and nested lists repeat objects
    if (id !== undefined) this.#byId.set(id, object);
    append(this.#byKind, object.kind, object);
    for (const name of namesOf(object)) append(this.#byName, `${object.kind}:${name.toLowerCase()}`, object);
  }

  of(kind: string): readonly NetboxObject[] {
    return this.#byKind.get(kind) ?? [];
  }

  kinds(): readonly string[] {
    return [...this.#byKind.keys()];
  }

  byId(kind: string, id: string): NetboxObject | undefined {
    return this.#byId.get(`${kind}:${id}`);
  }

  /**
   * What a field of another object refers to: an id, an object with an id, or a name.
   * @param site  of several with the same name, the one that stands there
   */
  find(kind: string, reference: unknown, site?: unknown): NetboxObject | undefined {
    const value = isRecord(reference) ? (reference.id ?? reference.name) : reference;
    const text = textOf(value);
    if (text === undefined) return undefined;
    const found = this.#byId.get(`${kind}:${text}`);
    if (found !== undefined) return found;
    const named = this.#byName.get(`${kind}:${text.toLowerCase()}`) ?? [];
    const there = named.filter((one) => referenceText(one.fields.site) === referenceText(site));
    return there[0] ?? named[0];
  }

  /** The name of what a field refers to; the field itself where it holds the name already. */
  nameOf(kind: string, reference: unknown): string | undefined {
    const found = this.find(kind, reference);
    if (found !== undefined) return nameOf(found);
    if (isRecord(reference)) return textOf(reference.name) ?? textOf(reference.display);
    return typeof reference === 'string' && !/^\d+$/.test(reference) ? textOf(reference) : undefined;
  }
}

/** A value with which two references to the same thing compare equal. */
export function referenceText(reference: unknown): string | undefined {
  const value = isRecord(reference) ? (reference.id ?? reference.name) : reference;
  return textOf(value)?.toLowerCase();
}

/** How people call an object. */
export function nameOf({ fields }: NetboxObject): string | undefined {
  return textOf(fields.name) ?? textOf(fields.cid) ?? textOf(fields.display) ?? textOf(fields.model);
}

function namesOf(object: NetboxObject): Set<string> {
  const { fields } = object;
  const all = [fields.name, fields.cid, fields.slug, fields.display, fields.model].map(textOf);
  return new Set(all.filter((name) => name !== undefined));
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
