import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Said } from '../api.ts';
import { en, type Key } from './en.ts';
import { zh } from './zh.ts';

export const LANGUAGES = { 'zh-CN': '中文', en: 'English' } as const;
export type Language = keyof typeof LANGUAGES;
const REMEMBERED = 'faultline.language';

/** Whether somebody has chosen a language in this browser. */
export function hasChosen(): boolean {
  return localStorage.getItem(REMEMBERED) !== null;
}

/** The language chosen last, else the browser's, else English. */
function firstLanguage(): Language {
  const chosen = localStorage.getItem(REMEMBERED);
  if (chosen === 'zh-CN' || chosen === 'en') return chosen;
  return navigator.language.startsWith('zh') ? 'zh-CN' : 'en';
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
  });
  document.documentElement.lang = i18next.language;
}

export type Words = (key: Key, values?: Record<string, string | number>) => string;

/** Words in the language chosen, and the way to choose another. */
export function useWords(): {
  t: Words;
  language: Language;
  /** Which text of those that the API gives in both languages. */
  said: keyof Said;
  choose: (language: Language) => void;
} {
  const { t, i18n } = useTranslation();
  return {
    t: (key, values) => t(key, values ?? {}),
    language: i18n.language as Language,
    said: i18n.language === 'zh-CN' ? 'zh' : 'en',
    choose: (language) => {
      localStorage.setItem(REMEMBERED, language);
      document.documentElement.lang = language;
      void i18n.changeLanguage(language);
    },
  };
}
