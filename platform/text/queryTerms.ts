import { sharedBeginning } from './stem.ts';
import { folded, fromDigit, type Run, runsOf } from './words.ts';

/** One thing that what is searched for must have. */
export interface QueryTerm {
  /** Folded, as it was asked for. */
  readonly text: string;
  /** What it asks of a `tsvector` that was made of `indexWords`. */
  readonly tsquery: string;
  /** Source of a regular expression (flags `giu`) for where it stands in a folded text. */
  readonly pattern: string;
}

/** Terms of one question; what is written beyond is left out. */
const MOST_TERMS = 12;
/** A prefix this short would ask for half of all words. */
const SHORTEST_STEM = 3;

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** The terms of a question, all of which are to be found. Empty for a question without letters, digits or characters. */
export function queryTerms(question: string): QueryTerm[] {
  const text = folded(question);
  const runs = runsOf(text);
  const terms: QueryTerm[] = [];
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index]!;
    if (run.script === 'cjk') {
      for (const { segment } of segmenter.segment(run.text)) terms.push(cjkTerm(segment));
      continue;
    }
    // What is written in one, as 10.20.30.40 or db1.prod, is asked for as neighbours.
    const joined = [run];
    for (let next = runs[index + 1]; next?.script === 'letters' && isJoined(text, joined.at(-1)!, next); ) {
      joined.push(next);
      next = runs[++index + 1];
    }
    terms.push(lettersTerm(joined));
  }
  const seen = new Set<string>();
  return terms.filter(({ tsquery }) => !seen.has(tsquery) && seen.add(tsquery)).slice(0, MOST_TERMS);
}

type Letters = Extract<Run, { script: 'letters' }>;

function isJoined(text: string, one: Run, next: Run): boolean {
  return !/\s/.test(text.slice(one.at + one.text.length, next.at));
}

function cjkTerm(text: string): QueryTerm {
  const characters = [...text];
  const pairs = characters.slice(1).map((character, index) => characters[index] + character);
  const tsquery = pairs.length === 0 ? prefix(text) : `(${pairs.map(quoted).join(' <-> ')})`;
  return { text, tsquery, pattern: text };
}

function lettersTerm(runs: readonly Letters[]): QueryTerm {
  const parts = runs.flatMap((run) => run.parts);
  const text = parts.join(' ');
  const asks = new Set<string>();
  if (parts.length > 1) asks.add(neighbours(parts));
  if (runs.length === 1) {
    const word = parts.join('');
    asks.add(prefix(word));
    if (parts.length === 1) {
      const stem = sharedBeginning(word);
      if (stem !== word && stem.length >= SHORTEST_STEM) {
        // The word as it is written counts once more.
        return { text, tsquery: `(${quoted(word)} | ${prefix(stem)})`, pattern: beginning(stem) };
      }
      const digits = fromDigit(word);
      if (digits !== null) asks.add(neighbours([word.slice(0, -digits.length), digits]));
    }
  }
  const word = parts.join('');
  const pattern = parts.length === 1 && !/\p{N}/u.test(word) ? beginning(word) : spelled(word);
  return { text, tsquery: `(${[...asks].join(' | ')})`, pattern };
}

function neighbours(parts: readonly string[]): string {
  const words = parts.map((part, index) => (index === parts.length - 1 ? prefix(part) : quoted(part)));
  return `(${words.join(' <-> ')})`;
}

/** Runs hold letters and digits alone, so nothing in them needs more than quotes. */
function quoted(word: string): string {
  return `'${word}'`;
}

function prefix(word: string): string {
  return `${quoted(word)}:*`;
}

const INSIDE = '[\\p{L}\\p{N}]';

function beginning(stem: string): string {
  return `(?<!${INSIDE})${stem}${INSIDE}*`;
}

/** The same letters and digits, whatever is written between them. */
function spelled(word: string): string {
  return `(?<!\\p{L}(?=\\p{L}))(?<!\\p{N}(?=\\p{N}))${[...word].join('[^\\p{L}\\p{N}]?')}`;
}
