import { goTo, useI18n, usePageTitle, useSession } from '@ticketing/ui';
import { useEffect, type ReactNode } from 'react';
import { api } from '../api';
import { AuthPanel } from '../parts/AuthPanel';
import type { AppKey } from '../texts';

/** `returning`: shown in place of a page that needs an account, which comes back by itself after signing in. */
export function AccountPage({ returning }: { returning: boolean }): ReactNode {
  const { t } = useI18n<AppKey>();
  const account = useSession(api.session);
  usePageTitle(`${t('account.title')} · ${t('brand')}`);
  useEffect(() => {
    if (account && !returning) goTo('/', { replace: true });
  }, [account, returning]);
  return (
    <div className="page-narrow stack">
      <h1>{t('account.title')}</h1>
      <section className="card"><AuthPanel start="signIn" /></section>
    </div>
  );
}
