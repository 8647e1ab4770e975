import { Alert, Button, goTo, Shell, SignInForm, useI18n, usePageTitle, useRoute, useSession, type Account, type NavItem } from '@ticketing/ui';
import type { ReactNode } from 'react';
import { api } from './api';
import { BoxOfficePage } from './pages/BoxOfficePage';
import { DevicesPage } from './pages/DevicesPage';
import { EventsPage } from './pages/EventsPage';
import { LedgerPage } from './pages/LedgerPage';
import { ScansPage } from './pages/ScansPage';
import { isAdmin, isStaff, maySell } from './roles';
import type { AppKey } from './texts';

function SignInPage({ refused }: { refused: boolean }): ReactNode {
  const { t } = useI18n<AppKey>();
  usePageTitle(`${t('app.signIn')} · ${t('brand')}`);
  return (
    <div className="page-narrow stack">
      <div>
        <h1>{t('signIn.title')}</h1>
        <p className="muted">{t('signIn.lead')}</p>
      </div>
      {refused && <Alert kind="error">{t('signIn.notStaff')}</Alert>}
      <section className="card"><SignInForm api={api} refusal={t('signIn.notStaff')} /></section>
    </div>
  );
}

function AccountArea({ account }: { account: Account }): ReactNode {
  const { t } = useI18n();
  const signOut = () => {
    void api.signOut();
    goTo('/');
  };
  return (
    <>
      <span className="account-name">{account.name || account.email}</span>
      <Button kind="quiet" onClick={signOut}>{t('app.signOut')}</Button>
    </>
  );
}

type PageName = 'sell' | 'scans' | 'events' | 'devices' | 'ledger';

function pagesOf(account: Account): PageName[] {
  const sales: PageName[] = maySell(account) ? ['sell'] : [];
  const admin: PageName[] = isAdmin(account) ? ['ledger'] : [];
  return [...sales, 'scans', 'events', 'devices', ...admin];
}

const kPages: Record<PageName, () => ReactNode> = {
  sell: () => <BoxOfficePage />,
  scans: () => <ScansPage />,
  events: () => <EventsPage />,
  devices: () => <DevicesPage />,
  ledger: () => <LedgerPage />,
};

export function App(): ReactNode {
  const { t } = useI18n<AppKey>();
  const { parts } = useRoute();
  const account = useSession(api.session);
  const staff = account && isStaff(account) ? account : undefined;
  const pages = staff ? pagesOf(staff) : [];
  const current = pages.find((name) => name === parts[0]) ?? pages[0];
  const nav: NavItem[] = pages.map((name) => ({ path: `/${name}`, label: t(`nav.${name}`), current: name === current }));
  return (
    <Shell brand={t('brand')} nav={nav} account={account && <AccountArea account={account} />} pageKey={current ?? ''} wide={staff !== undefined}>
      {current ? kPages[current]() : <SignInPage refused={account !== undefined && !staff} />}
    </Shell>
  );
}
