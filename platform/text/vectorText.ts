import { folded, indexWords } from './words.ts';

/** What a find in a text counts for: `A` most, `D` least. */
export type TextWeight = 'A' | 'B' | 'C' | 'D';

/** Words kept of one thing; positions of a `tsvector` end at 16,383. */
const MOST_WORDS = 600;
/** Words that are not neighbours in truth are not made neighbours in the index. */
const GAP = 5;

/**
 * A `tsvector` as PostgreSQL reads it, of texts with their weights.
 * @param marks words that no text can hold, as `=server`; without quotes and backslashes
 * @param seen told of every word with its text's weight
 */
export function vectorText(
  texts: readonly { readonly text: string; readonly weight: TextWeight }[],
  marks: readonly string[] = [],
  seen?: (word: string, weight: TextWeight) => void,
): string {
  let vector = marks.map((mark) => `'${mark}'`).join(' ');
  let position = 1;
  let count = 0;
  for (const { text, weight } of texts) {
    const { words, next } = indexWords(folded(text), position);
    for (const { word, position: at } of words) {
      if (++count > MOST_WORDS) return vector;
      vector += ` '${word}':${at}${weight}`;
      seen?.(word, weight);
    }
    position = next + GAP;
  }
  return vector;
}
