import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { common, type CommonKey } from './common';

export type Language = 'es' | 'en';
export type Dictionary = Record<string, string>;
/** A client's own texts: the same keys in both languages, which the type checker sees to. */
export type Texts<Key extends string> = Record<Language, Record<Key, string>>;

export type Params = Record<string, string | number>;
export type Translate<Key extends string> = (key: Key, params?: Params) => string;

const kStorageKey = 'ticketing.language';
const kLocales: Record<Language, string> = { es: 'es-MX', en: 'en-US' };

/**
 * The text of `key`. "{name}" takes params.name. With params.n, "key.one" is used where the language says "one" for that
 * number. A key that nobody wrote shows itself, so that tests and eyes find it.
 */
export function translate(dictionary: Dictionary, language: Language, key: string, params?: Params): string {
  const n = params?.n;
  const isOne = typeof n === 'number' && new Intl.PluralRules(language).select(n) === 'one';
  const text = (isOne ? dictionary[`${key}.one`] : undefined) ?? dictionary[key] ?? key;
  if (!params) return text;
  const shown = (value: string | number) => (typeof value === 'number' ? new Intl.NumberFormat(kLocales[language]).format(value) : value);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? shown(params[name]!) : whole));
}

interface I18n {
  language: Language;
  locale: string;
  dictionary: Dictionary;
  setLanguage: (language: Language) => void;
}

const Context = createContext<I18n | undefined>(undefined);

function initialLanguage(): Language {
  try {
    const kept = localStorage.getItem(kStorageKey);
    if (kept === 'es' || kept === 'en') return kept;
  } catch {
    // No storage: the default it is.
  }
  return 'es';
}

export function I18nProvider({ texts, children }: { texts: Record<Language, Dictionary>; children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState(initialLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
    try {
      localStorage.setItem(kStorageKey, language);
    } catch {
      // The choice then lasts as long as the page.
    }
  }, [language]);
  const value = useMemo<I18n>(() => {
    const dictionary = { ...common[language], ...texts[language] };
    return { language, locale: kLocales[language], dictionary, setLanguage };
  }, [language, texts]);
  return <Context value={value}>{children}</Context>;
}

export interface I18nHook<Key extends string> {
  language: Language;
  locale: string;
  setLanguage: (language: Language) => void;
  t: Translate<Key | CommonKey>;
}

/** The texts as a component reads them. Clients name their own keys: `useI18n<AppKey>()`. */
export function useI18n<Key extends string = CommonKey>(): I18nHook<Key> {
  const value = useContext(Context);
  if (!value) throw new Error('useI18n needs an I18nProvider above it');
  return useMemo(() => {
    const { language, locale, setLanguage, dictionary } = value;
    return { language, locale, setLanguage, t: (key, params) => translate(dictionary, language, key, params) };
  }, [value]);
}
