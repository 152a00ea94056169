/** A word of a text and its place in it, counted in words. */
export interface Word {
  readonly word: string;
  readonly position: number;
}

/** Scripts that are written without spaces. */
export const CJK = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}々ー';
const LETTERS = `[[\\p{L}\\p{N}]--[${CJK}]]`;
/** A run of such a script, or a word: letters and digits, with - and _ between them as in P-101A. */
const RUNS = new RegExp(`([${CJK}]+)|(${LETTERS}+(?:[\\-_]+${LETTERS}+)*)`, 'gv');
const ASCII_RUNS = /()([a-z0-9]+(?:[-_]+[a-z0-9]+)*)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what ASCII is
const ASCII = /^[\x00-\x7f]*$/;
/** PostgreSQL keeps lexemes of 2 KB; nobody searches for what is longer than this. */
const LONGEST_WORD = 64;

/** A run of one script, or a word with its parts. */
export type Run =
  | { readonly script: 'cjk'; readonly text: string; readonly at: number }
  | { readonly script: 'letters'; readonly parts: readonly string[]; readonly text: string; readonly at: number };

/** Text as it is compared: one form of each character (NFKC), in small letters. */
export function folded(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase();
}

/** The runs of a folded text, in order, with where each begins. */
export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  for (const match of text.matchAll(ASCII.test(text) ? ASCII_RUNS : RUNS)) {
    const [, cjk, letters] = match;
    if (cjk) runs.push({ script: 'cjk', text: cjk, at: match.index });
    else runs.push({ script: 'letters', parts: letters!.split(/[-_]+/), text: letters!, at: match.index });
  }
  return runs;
}

/** Whether both letters and digits are in it, as in p101a; and the part from its first digit on. */
export function fromDigit(part: string): string | null {
  const at = part.search(/\p{N}/u);
  return at > 0 ? part.slice(at) : null;
}

/**
 * The words by which a text is found.
 *
 * @param text folded
 * @param first position of the first word; at least 1
 * @returns words, and the position after the last
 */
export function indexWords(text: string, first = 1): { words: Word[]; next: number } {
  const words: Word[] = [];
  let position = first;
  const add = (word: string) => {
    if (word.length <= LONGEST_WORD) words.push({ word, position });
  };
  for (const run of runsOf(text)) {
    if (run.script === 'cjk') {
      const characters = [...run.text];
      for (const [index, character] of characters.entries()) {
        add(character + (characters[index + 1] ?? ''));
        position++;
      }
      continue;
    }
    if (run.parts.length > 1) add(run.parts.join(''));
    for (const part of run.parts) {
      add(part);
      const digits = fromDigit(part);
      if (digits !== null) add(digits);
      position++;
    }
  }
  return { words, next: position };
}
