export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Document = { [key: string]: Json };

const isObject = (value: Json | undefined): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386: fields of the patch replace, null removes, objects are merged. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  // A map: a key such as __proto__ is a key like any other.
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}

export interface Difference {
  /** JSON Pointer (RFC 6901). */
  path: string;
  desired?: Json;
  reported?: Json;
}

/** Where what is reported differs from what is desired. What is reported beyond it is no difference. */
export function differences(desired: Json, reported: Json | undefined, path = ''): Difference[] {
  if (isObject(desired) && isObject(reported)) {
    const own = new Map(Object.entries(reported));
    return Object.entries(desired).flatMap(([key, value]) =>
      differences(value, own.get(key), `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    );
  }
  if (reported !== undefined && equal(desired, reported)) return [];
  return [{ path, desired, ...(reported === undefined ? {} : { reported }) }];
}

function equal(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]!));
  if (isObject(a) && isObject(b))
    return Object.keys(a).length === Object.keys(b).length && differences(a, b).length === 0;
  return a === b;
}
