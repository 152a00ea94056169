/*
 * Where something stands in a parsed message. A path is a JSON Pointer (RFC 6901: keys separated by `/`, `~1` for a `/`
 * and `~0` for a `~` within one) with three additions: `*` is every key or position there (`~2` for a key that is `*`),
 * a path that begins without `/` starts at the entry at hand, and `..` goes up from it; `.` is the entry itself.
 */

const MAX_STEPS = 24;
export const WILDCARD = Symbol('*');

export interface Path {
  /** From the message's root, or from the entry at hand. */
  fromRoot: boolean;
  /** Levels up from the entry at hand. */
  up: number;
  steps: readonly (string | typeof WILDCARD)[];
}

/** Reads a path; a text instead of a path says what is wrong with it. */
export function parsePath(text: string): Path | string {
  if (text === '.' || text === '') return { fromRoot: false, up: 0, steps: [] };
  const fromRoot = text.startsWith('/');
  const parts = (fromRoot ? text.slice(1) : text).split('/');
  if (text === '/') return { fromRoot: true, up: 0, steps: [] };
  if (!fromRoot && parts[0] === '.') parts.shift();
  let up = 0;
  if (!fromRoot) while (parts[0] === '..') up += parts.splice(0, 1).length;
  if (parts.length + up > MAX_STEPS) return `a path has at most ${MAX_STEPS} steps`;
  const wrong = parts.find((part) => /~(?![012])/.test(part));
  if (wrong !== undefined) return 'write ~0 for ~, ~1 for / and ~2 for * within a key';
  return { fromRoot, up, steps: parts.map((part) => (part === '*' ? WILDCARD : unescaped(part))) };
}

function unescaped(part: string): string {
  return part.replaceAll('~2', '*').replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Thrown when a mapping looks at more of a message than it may. */
export class WorkExceeded {}

/** How much of a message may be looked at: readings that each go through all of it must not add up to minutes. */
const MAX_VISITED = 1_000_000;

/** Where the walk through a message stands. One object for the whole walk; its lists grow and shrink with it. */
export class Place {
  readonly root: unknown;
  /** The entry at hand. */
  node: unknown;
  /** Nodes above the entry, the root first. */
  readonly above: unknown[] = [];
  /** Keys from the root to the entry. */
  readonly trail: string[] = [];
  /** Those of them that a `*` stood for. */
  readonly matched: string[] = [];
  #left = MAX_VISITED;

  constructor(root: unknown) {
    this.root = root;
    this.node = root;
  }

  visited(): void {
    if (--this.#left < 0) throw new WorkExceeded();
  }
}

function child(node: unknown, key: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  if (Array.isArray(node)) return /^\d{1,9}$/.test(key) ? node[Number(key)] : undefined;
  // Only what the message itself holds: no key reaches a prototype.
  return Object.hasOwn(node, key) ? (node as Record<string, unknown>)[key] : undefined;
}

/** The value at a path without `*`; undefined when there is none. */
export function compileGet({ fromRoot, up, steps }: Path): (place: Place) => unknown {
  const keys = steps as readonly string[];
  const start = fromRoot
    ? (place: Place) => place.root
    : up === 0
      ? (place: Place) => place.node
      : (place: Place) => place.above[place.above.length - up];
  if (keys.length === 0) return start;
  if (keys.length === 1) {
    const [key] = keys as [string];
    return (place) => child(start(place), key);
  }
  return (place) => {
    let node = start(place);
    for (const key of keys) node = child(node, key);
    return node;
  };
}

/** Calls `take` with the place at each node that a path stands for, in the message's order. */
export function compileEach({ steps }: Path): (place: Place, take: () => void) => void {
  const walk = (place: Place, depth: number, take: () => void): void => {
    place.visited();
    const step = steps[depth];
    if (step === undefined) {
      take();
      return;
    }
    const { node } = place;
    if (step !== WILDCARD) {
      const next = child(node, step);
      if (next !== undefined) enter(place, step, next, depth, take);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const keys = Array.isArray(node) ? node.keys() : Object.keys(node);
    for (const key of keys) {
      const name = String(key);
      place.matched.push(name);
      enter(place, name, (node as Record<string, unknown>)[name], depth, take);
      place.matched.pop();
    }
  };
  const enter = (place: Place, key: string, next: unknown, depth: number, take: () => void): void => {
    place.above.push(place.node);
    place.trail.push(key);
    place.node = next;
    walk(place, depth + 1, take);
    place.trail.pop();
    place.node = place.above.pop();
  };
  return (place, take) => walk(place, 0, take);
}
