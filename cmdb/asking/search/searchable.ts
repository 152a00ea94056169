import { type TextWeight, vectorText } from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';

/** A CI as far as it is searched. */
export interface SearchableCi {
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface SearchableText {
  /** `key`, `name`, `attributes.<name>` or `attributes.<name>.<field>`. */
  readonly field: string;
  readonly text: string;
  readonly weight: TextWeight;
}

/** Raised when the words of a CI are made in another way: tenants' indexes are then made anew. */
export const SEARCH_FORMAT = 1;

/** Characters of one attribute that are searched. */
const LONGEST_TEXT = 2_000;

/**
 * The texts by which a CI is found. Sensitive attributes are left out for everybody: that something is found by a word
 * would tell that the word is there. Numbers, dates and yes or no are asked for by filters.
 */
export function searchableTexts(model: CmdbModel, ci: SearchableCi): SearchableText[] {
  const texts: SearchableText[] = [{ field: 'key', text: ci.key, weight: 'A' }];
  if (ci.name !== ci.key) texts.push({ field: 'name', text: ci.name, weight: 'B' });
  const sensitive = model.sensitive(ci.type);
  const known = model.typeOf(ci.type)?.attributes;
  for (const name in ci.attributes) {
    if (sensitive.has(name)) continue;
    const kind = known?.get(name)?.kind;
    if (kind === undefined || kind === 'text' || kind === 'enum' || kind === 'reference' || kind === 'object') {
      addTexts(texts, `attributes.${name}`, ci.attributes[name], 1);
    }
  }
  return texts;
}

/** Texts of a value; of lists and objects those one level in. */
function addTexts(texts: SearchableText[], field: string, value: unknown, levels: number): void {
  if (typeof value === 'string') {
    if (value !== '') texts.push({ field, text: value.slice(0, LONGEST_TEXT), weight: 'C' });
  } else if (value !== null && typeof value === 'object' && levels > 0) {
    for (const [name, one] of Object.entries(value)) addTexts(texts, `${field}.${name}`, one, levels - 1);
  }
}

/** The mark by which CIs of a type are found. */
export function typeMark(type: string): string {
  return `=${type}`;
}

/** Whether a word is one that people type, and mistype: a name's, of letters alone. */
const PLAIN = /^\p{L}{4,32}$/u;
const IDEOGRAPHS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

/** The words of a CI as a `tsvector` is written; plain ones of its name and key are added to `vocabulary`. */
export function ciVector(model: CmdbModel, ci: SearchableCi, vocabulary: Set<string>): string {
  return vectorText(searchableTexts(model, ci), [typeMark(ci.type)], (word, weight) => {
    if (weight !== 'C' && PLAIN.test(word) && !IDEOGRAPHS.test(word)) vocabulary.add(word);
  });
}
