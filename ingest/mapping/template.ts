import { compileGet, type Path, type Place, parsePath, WILDCARD } from './path.ts';
import type { TopicWords } from './topicRule.ts';

const MAX_PIECES = 16;

/** The words of the topic that a message came on, or why there are none. */
export type Words = TopicWords | null;

/** A piece of a template that finds no text. */
export interface Gap {
  missing: string;
}

type Piece = string | { name: string; read: (place: Place, words: Words) => unknown };

/**
 * Reads a template such as `{key}.{sensor/name}`: literal text, and in braces `key` (what the last `*` stood for; `key.1`
 * the first), `topic.device`, `topic.point`, `topic.3` (the third level), or a path. A text says what is wrong with it.
 */
export function parseTemplate(text: string): readonly Piece[] | string {
  const pieces: Piece[] = [];
  for (const part of text.match(/\{[^{}]*\}|[^{}]+|[{}]/g) ?? []) {
    if (part === '{' || part === '}') return 'braces must come in pairs';
    if (!part.startsWith('{')) {
      pieces.push(part);
      continue;
    }
    const name = part.slice(1, -1);
    const read = reader(name);
    if (typeof read === 'string') return read;
    pieces.push({ name, read });
  }
  if (pieces.length === 0) return 'a template is not empty';
  return pieces.length > MAX_PIECES ? `a template has at most ${MAX_PIECES} pieces` : pieces;
}

function reader(name: string): ((place: Place, words: Words) => unknown) | string {
  if (name === 'key') return (place) => place.matched.at(-1);
  const key = /^key\.([1-9]\d?)$/.exec(name);
  if (key) return (place) => place.matched[Number(key[1]) - 1];
  if (name === 'topic.device') return (_place, words) => words?.device;
  if (name === 'topic.point') return (_place, words) => words?.point;
  const level = /^topic\.([1-9]\d?)$/.exec(name);
  if (level) return (_place, words) => words?.levels[Number(level[1]) - 1];
  const path = singlePath(name);
  return typeof path === 'string' ? path : compileGet(path);
}

/** A path that stands for one value; a text says what is wrong with it. */
export function singlePath(text: string): Path | string {
  const path = parsePath(text);
  if (typeof path !== 'string' && path.steps.includes(WILDCARD)) return 'only `each` may hold a *';
  return path;
}

/** Fills a template in. A `/` in what is filled in becomes `|`: names of points hold no separators of topics. */
export function compileTemplate(text: string): (place: Place, words: Words) => string | Gap {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') throw new RangeError(pieces);
  return (place, words) => {
    let filled = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        filled += piece;
        continue;
      }
      const told = piece.read(place, words);
      if (typeof told !== 'string' && typeof told !== 'number' && typeof told !== 'bigint' && typeof told !== 'boolean')
        return { missing: piece.name };
      const word = String(told);
      filled += word.includes('/') ? word.replaceAll('/', '|') : word;
    }
    return filled;
  };
}
