import type { QueryTerm } from './queryTerms.ts';
import { folded } from './words.ts';

/** A piece of a text with the places in it that were asked for, as offsets: from inclusive, to exclusive. */
export interface Fragment {
  readonly text: string;
  readonly marks: readonly { readonly from: number; readonly to: number }[];
}

/** Characters shown before the first mark, and in all. */
const BEFORE = 30;
const LONGEST = 160;

/** The piece of a text where what was asked for stands, marked; null when nothing of it does. */
export function highlight(text: string, terms: readonly QueryTerm[]): Fragment | null {
  const { plain, places } = foldedWithPlaces(text);
  const found: { from: number; to: number }[] = [];
  for (const { pattern } of terms) {
    for (const match of plain.matchAll(new RegExp(pattern, 'giu'))) {
      if (match[0].length > 0) found.push({ from: places[match.index]!, to: places[match.index + match[0].length]! });
    }
  }
  if (found.length === 0) return null;
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  const start = text.length <= LONGEST ? 0 : Math.max(0, found[0]!.from - BEFORE);
  const end = Math.min(text.length, start + LONGEST);
  const marks: { from: number; to: number }[] = [];
  for (const { from, to } of found) {
    const last = marks.at(-1);
    if (from >= end) break;
    if (last !== undefined && from - start <= last.to) last.to = Math.max(last.to, Math.min(to, end) - start);
    else marks.push({ from: from - start, to: Math.min(to, end) - start });
  }
  return { text: text.slice(start, end), marks };
}

/** Folding may make one character of several and several of one: where each came from, and the end. */
function foldedWithPlaces(text: string): { plain: string; places: number[] } {
  const whole = folded(text);
  if (whole.length === text.length) {
    return { plain: whole, places: Array.from({ length: text.length + 1 }, (_, at) => at) };
  }
  let plain = '';
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    const shown = folded(character);
    for (let unit = 0; unit < shown.length; unit++) places.push(at);
    plain += shown;
    at += character.length;
  }
  places.push(text.length);
  return { plain, places };
}
