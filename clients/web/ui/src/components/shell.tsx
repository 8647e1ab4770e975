import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useI18n, type Language } from '../i18n/core';

type Theme = 'auto' | 'light' | 'dark';
const kThemeKey = 'ticketing.theme';

function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(kThemeKey);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Before the first paint, so that a dark page does not flash white. */
export function startTheme(): void {
  applyTheme(keptTheme());
}

function ThemeChoice(): ReactNode {
  const { t } = useI18n();
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const next: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
  const icons: Record<Theme, string> = { auto: '◐', light: '☀', dark: '☾' };
  const choose = () => {
    const chosen = next[theme];
    setTheme(chosen);
    applyTheme(chosen);
    try {
      localStorage.setItem(kThemeKey, chosen);
    } catch {
      // Then it lasts as long as the page.
    }
  };
  const label = `${t('app.theme')}: ${t(`app.theme.${theme}`)}`;
  return <button type="button" className="icon-button" aria-label={label} title={label} onClick={choose}>{icons[theme]}</button>;
}

function LanguageChoice(): ReactNode {
  const { language, setLanguage, t } = useI18n();
  const languages: Language[] = ['es', 'en'];
  const names: Record<Language, string> = { es: 'Español', en: 'English' };
  return (
    <div className="segmented segmented-small" role="group" aria-label={t('app.language')}>
      {languages.map((code) => (
        <button key={code} type="button" lang={code} aria-pressed={language === code} title={names[code]}
          aria-label={`${code.toUpperCase()}: ${names[code]}`} onClick={() => setLanguage(code)}>
          {code.toUpperCase()}
        </button>
      ))}
    </div>
  );
}

export interface NavItem {
  path: string;
  label: string;
  current: boolean;
}

interface ShellProps {
  brand: string;
  nav: NavItem[];
  /** Right side of the header: who is signed in. */
  account: ReactNode;
  /** What changes when another page is shown: the focus then goes to the page. */
  pageKey: string;
  wide?: boolean;
  children: ReactNode;
}

export function Logo(): ReactNode {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 9a3 3 0 0 1 3-3h18a3 3 0 0 1 3 3v3.2a3.8 3.8 0 0 0 0 7.6V23a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-3.2a3.8 3.8 0 0 0 0-7.6z" />
      <path className="logo-mark" d="m11 16.2 3.4 3.4L21.4 12" />
    </svg>
  );
}

export function Shell({ brand, nav, account, pageKey, wide = false, children }: ShellProps): ReactNode {
  const { t } = useI18n();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pageKey);
  useEffect(() => {
    if (shown.current === pageKey) return;
    shown.current = pageKey;
    globalThis.scrollTo?.(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pageKey]);
  const skip = () => main.current?.focus();
  return (
    <>
      <button type="button" className="skip-link" onClick={skip}>{t('app.skip')}</button>
      <header className="topbar">
        <div className="topbar-inner">
          <a className="brand" href="#/"><Logo /><span>{brand}</span></a>
          {nav.length > 0 && (
            <nav aria-label={t('app.menu')}>
              {nav.map((item) => (
                <a key={item.path} href={`#${item.path}`} aria-current={item.current ? 'page' : undefined}>{item.label}</a>
              ))}
            </nav>
          )}
          <div className="topbar-end">
            <LanguageChoice />
            <ThemeChoice />
            {account}
          </div>
        </div>
      </header>
      <main ref={main} tabIndex={-1} className={wide ? 'page page-wide' : 'page'}>{children}</main>
    </>
  );
}
