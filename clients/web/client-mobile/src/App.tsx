import { Button, goTo, Loading, Shell, SignInForm, useI18n, usePageTitle, useRoute, useSession } from '@ticketing/ui';
import type { ReactNode } from 'react';
import { api } from './api';
import { ListPage } from './pages/ListPage';
import { TicketPage } from './pages/TicketPage';
import type { AppKey } from './texts';
import { useWallet, type WalletState } from './useWallet';

function SignInPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  usePageTitle(t('brand'));
  return (
    <div className="page-narrow stack sign-in">
      <div>
        <h1>{t('signIn.title')}</h1>
        <p className="muted">{t('signIn.lead')}</p>
      </div>
      <section className="card"><SignInForm api={api} onDone={() => goTo('/')} /></section>
    </div>
  );
}

function Page({ state, parts }: { state: WalletState; parts: string[] }): ReactNode {
  const account = useSession(api.session);
  const hasTickets = (state.wallet?.tickets.length ?? 0) > 0;
  if (!state.ready) return <Loading />;
  if (parts[0] === 'sign-in' || (!account && !hasTickets)) return <SignInPage />;
  if (parts[0] === 'tickets' && parts[1]) return <TicketPage tickets={state.wallet?.tickets ?? []} ticketId={parts[1]} />;
  return <ListPage state={state} signedIn={account !== undefined} />;
}

export function App(): ReactNode {
  const { t } = useI18n<AppKey>();
  const { path, parts } = useRoute();
  const state = useWallet();
  const account = useSession(api.session);
  const signOut = () => {
    goTo('/');
    void state.signOut();
  };
  const area = (account ?? state.wallet) && <Button kind="quiet" onClick={signOut}>{t('app.signOut')}</Button>;
  return (
    <Shell brand={t('brand')} nav={[]} account={area} pageKey={path}>
      <Page state={state} parts={parts} />
    </Shell>
  );
}
