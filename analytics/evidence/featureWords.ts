import type { Bilingual } from './bilingual.ts';

const FEATURE_WORDS: Readonly<Record<string, Bilingual>> = {
  velocityRms: { en: 'vibration velocity', zh: '振动速度' },
  rms: { en: 'RMS level', zh: '有效值' },
  kurtosis: { en: 'kurtosis', zh: '峭度' },
  crest: { en: 'crest factor', zh: '峰值因子' },
  value: { en: 'reading', zh: '读数' },
};

/** The name of a feature as people say it; bands and models name themselves. */
export function featureWords(name: string): Bilingual {
  return FEATURE_WORDS[name] ?? { en: name, zh: name.replace('band', '频带').replace(/^model /, '模型 ') };
}
