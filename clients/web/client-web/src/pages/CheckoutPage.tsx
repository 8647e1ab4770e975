import {
  Alert, Button, Countdown, ErrorAlert, goTo, Loading, Operation, Price, QuoteTable, useAction, useCategoryNames, useI18n, useLoad, usePageTitle,
  useSession, type CreateOrderRequest, type Event, type HeldObject, type Hold, type Order,
} from '@ticketing/ui';
import { useCallback, useState, type ReactNode } from 'react';
import { api } from '../api';
import { AuthPanel } from '../parts/AuthPanel';
import { Steps } from '../parts/Steps';
import type { AppKey } from '../texts';

interface CheckoutProps {
  eventId: string;
  holdId: string;
}

/** What is held and what it costs, all of it, before anybody is asked to pay. */
export function CheckoutPage({ eventId, holdId }: CheckoutProps): ReactNode {
  const { t } = useI18n<AppKey>();
  const account = useSession(api.session);
  const [expired, setExpired] = useState(false);
  const loaded = useLoad(useCallback(
    (signal: AbortSignal) => Promise.all([api.findHold(eventId, holdId, signal), api.event(eventId, signal)]), [eventId, holdId]));
  usePageTitle(`${t('checkout.title')} · ${t('brand')}`);
  const backToEvent = <a className="button button-primary" href={`#/events/${eventId}`}>{t('checkout.chooseAgain')}</a>;
  if (expired) return <div className="stack"><Alert kind="warning">{t('checkout.expired')}</Alert><p>{backToEvent}</p></div>;
  if (loaded.error) return <div className="stack"><ErrorAlert error={loaded.error} /><p>{backToEvent}</p></div>;
  if (!loaded.data) return <Loading />;
  const [hold, event] = loaded.data;
  return (
    <div className="stack">
      <Steps current={1} />
      <h1>{t('checkout.title')}</h1>
      <div className="checkout">
        <div className="stack">
          {hold.expires_at && <Countdown expiresAt={hold.expires_at} serverNow={api.serverNow} onExpired={() => setExpired(true)} />}
          <section className="card" aria-label={t('checkout.seats')}>
            <h2>{t('checkout.seats')}</h2>
            <HeldList event={event} objects={hold.objects} />
          </section>
          {!account && (
            <section className="card" aria-label={t('checkout.who')}>
              <h2>{t('checkout.who')}</h2>
              <AuthPanel />
            </section>
          )}
        </div>
        <Summary hold={hold} signedIn={account !== undefined} />
      </div>
    </div>
  );
}

function HeldList({ event, objects }: { event: Event; objects: HeldObject[] }): ReactNode {
  const categoryName = useCategoryNames(api, event.id);
  return (
    <>
      <p className="muted">{event.name}</p>
      <ul className="held">
        {objects.map((object) => (
          <li key={object.label} data-testid="held-seat">
            <div>
              <strong>{object.label}</strong>{Number(object.quantity) > 1 && ` × ${object.quantity}`}
              <span className="muted small">{[categoryName(object.category), object.gate].filter(Boolean).join(' · ')}</span>
            </div>
            <Price money={object.price} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Summary({ hold, signedIn }: { hold: Hold; signedIn: boolean }): ReactNode {
  const { t, language } = useI18n<AppKey>();
  const account = useSession(api.session);
  const [operation] = useState(() => new Operation<CreateOrderRequest, Order>((body, key) => api.createOrder(body, key)));
  const order = useAction(async () => {
    const made = await operation.run({ event_id: hold.event_id, hold_id: hold.id, language });
    goTo(`/pay/${made.id}`, { replace: true });
  });
  const release = useAction(async () => {
    await api.releaseHold(hold.event_id, hold.id);
    goTo(`/events/${hold.event_id}`, { replace: true });
  });
  return (
    <aside className="card stack checkout-side" aria-label={t('checkout.summary')}>
      <h2>{t('checkout.summary')}</h2>
      {hold.quote && <QuoteTable quote={hold.quote} />}
      {account && <p className="muted small">{t('checkout.signedInAs', { name: account.name, email: account.email })}</p>}
      <ErrorAlert error={order.error ?? release.error} />
      <Button kind="primary" wide busy={order.busy} disabled={!signedIn} onClick={() => void order.run()} data-testid="to-payment">
        {t('checkout.toPayment')}
      </Button>
      <Button kind="quiet" wide busy={release.busy} onClick={() => void release.run()}>{t('checkout.release')}</Button>
    </aside>
  );
}
