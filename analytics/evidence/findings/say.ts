import { z } from 'zod';
import type { Finding } from '../../diagnosis/finding.ts';
import { type Bilingual, bilingual } from '../bilingual.ts';
import { BEARING_WORDS } from './bearingWords.ts';
import { OTHER_WORDS } from './otherWords.ts';
import { SHAFT_WORDS } from './shaftWords.ts';
import type { Words } from './wordsOf.ts';

/** Findings as stored and sent: their words in both languages, and the data that these were made of. */
export const said = bilingual.extend({
  findings: z.array(z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) })),
});
export type Said = z.infer<typeof said>;

const WORDS: Words<Finding['code']> = { ...BEARING_WORDS, ...SHAFT_WORDS, ...OTHER_WORDS };

function wordsOf(finding: Finding): Bilingual {
  // The compiler cannot see that code and parameters come from the same entry.
  return (WORDS[finding.code] as (params: unknown, said: typeof wordsOf) => Bilingual)(finding.params, wordsOf);
}

/**
 * Findings in both languages.
 * @example say([finding('no-block')]).zh // '尚未收到数据块。'
 */
export function say(findings: readonly Finding[]): Said {
  const words = findings.map(wordsOf);
  return {
    en: words.map(({ en }) => en).join(' '),
    zh: words.map(({ zh }) => zh).join(''),
    findings: findings.map(({ code, params }) => ({ code, params: { ...params } })),
  };
}

/** What was stored when reasons were English sentences: readable still, in the one language that there was. */
export function asWritten(text: string | Said): Said {
  return typeof text === 'string' ? { en: text, zh: text, findings: [] } : text;
}
