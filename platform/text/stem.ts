/** Endings that forms of one English word differ in, the longest first, with what must be left. */
const ENDINGS: readonly (readonly [ending: string, atLeast: number])[] = [
  ['ations', 4],
  ['ation', 4],
  ['ating', 4],
  ['ated', 4],
  ['ates', 4],
  ['ate', 5],
  ['ors', 4],
  ['ers', 4],
  ['ies', 3],
  ['or', 5],
  ['er', 5],
  ['ed', 4],
  ['es', 3],
  ['s', 3],
  ['y', 4],
  ['e', 4],
];

/**
 * The beginning that the usual forms of an English word share, for a search by prefix: `batteries` and `battery` give
 * `batter`. Words of other languages lose at most an ending that is looked up by prefix anyway.
 *
 * @param word in small letters
 */
export function sharedBeginning(word: string): string {
  if (!/^[a-z]+$/.test(word) || word.endsWith('ss')) return word;
  for (const [ending, atLeast] of ENDINGS) {
    if (word.endsWith(ending) && word.length - ending.length >= atLeast) return word.slice(0, -ending.length);
  }
  return word;
}
