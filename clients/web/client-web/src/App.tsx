import { Button, goTo, Shell, useI18n, useRoute, useSession, type NavItem } from '@ticketing/ui';
import type { ReactNode } from 'react';
import { api } from './api';
import { AccountPage } from './pages/AccountPage';
import { CheckoutPage } from './pages/CheckoutPage';
import { EventPage } from './pages/EventPage';
import { EventsPage } from './pages/EventsPage';
import { OrderPage } from './pages/OrderPage';
import { OrdersPage } from './pages/OrdersPage';
import { PayPage } from './pages/PayPage';
import { TicketsPage } from './pages/TicketsPage';
import type { AppKey } from './texts';

function AccountArea(): ReactNode {
  const { t } = useI18n();
  const account = useSession(api.session);
  if (!account) return <a className="button button-secondary" href="#/account">{t('app.signIn')}</a>;
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

function Page({ parts }: { parts: string[] }): ReactNode {
  const account = useSession(api.session);
  const [page, first = '', second = ''] = parts;
  if (page === 'events' && first) return <EventPage key={first} eventId={first} />;
  if (page === 'checkout' && second) return <CheckoutPage key={second} eventId={first} holdId={second} />;
  const isPrivate = page === 'pay' || page === 'orders' || page === 'tickets';
  if (page === 'account' || (isPrivate && !account)) return <AccountPage returning={isPrivate} />;
  if (page === 'pay' && first) return <PayPage key={first} orderId={first} />;
  if (page === 'orders') return first ? <OrderPage key={first} orderId={first} /> : <OrdersPage />;
  if (page === 'tickets') return <TicketsPage />;
  return <EventsPage />;
}

export function App(): ReactNode {
  const { t } = useI18n<AppKey>();
  const { path, parts } = useRoute();
  const account = useSession(api.session);
  const nav: NavItem[] = [{ path: '/', label: t('nav.events'), current: parts.length === 0 || parts[0] === 'events' }];
  if (account) {
    nav.push({ path: '/tickets', label: t('nav.tickets'), current: parts[0] === 'tickets' });
    nav.push({ path: '/orders', label: t('nav.orders'), current: parts[0] === 'orders' });
  }
  return (
    <Shell brand={t('brand')} nav={nav} account={<AccountArea />} pageKey={path} wide={parts[0] === 'events' && parts.length > 1}>
      <Page parts={parts} />
    </Shell>
  );
}
