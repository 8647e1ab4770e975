import {
  Alert, ApiError, Button, Countdown, ErrorAlert, Field, formatMoney, isPositive, Operation, parseMoney, Price, QuoteTable, subtractMoney,
  useAction, useI18n, decimalOf, minorDigits, type Contact, type CreateOrderRequest, type Hold, type Money, type Order, type PayOrderRequest,
} from '@ticketing/ui';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

const kNotes = [100, 200, 500, 1000];

interface SalePanelProps {
  hold: Hold;
  shiftId: string | undefined;
  onSold: (order: Order) => void;
  /** The places are free again. */
  onGone: (expired: boolean) => void;
}

/** Everything after the places are held, without leaving the screen: who, how much, cash, done. */
export function SalePanel({ hold, shiftId, onSold, onGone }: SalePanelProps): ReactNode {
  const { t, locale, language } = useI18n<AppKey>();
  const [buyer, setBuyer] = useState<Contact>({ name: '', email: '', phone: '' });
  const [tenderedText, setTendered] = useState('');
  const [order, setOrder] = useState<Order>();
  const [ordering] = useState(() => new Operation<CreateOrderRequest, Order>((body, key) => api.createOrder(body, key)));
  const [paying] = useState(() => new Operation<PayOrderRequest & { order: string }, Order>(
    ({ order: id, ...body }, key) => api.pay(id, body, key)));
  const total = hold.quote?.total ?? { minor: '0', currency: '' };
  const tendered = parseMoney(tenderedText, total.currency);
  const change = tendered && subtractMoney(tendered, total);
  const isEnough = change !== undefined && !change.minor.startsWith('-');

  const charge = useAction(async () => {
    if (!shiftId || !tendered) return;
    const made = order ?? await ordering.run({ event_id: hold.event_id, hold_id: hold.id, buyer, language });
    setOrder(made);
    onSold(await paying.run({ order: made.id, cash: { shift_id: shiftId, tendered } }));
  });
  const release = useAction(async () => {
    if (order) await api.cancelOrder(order.id, `cancel-${order.id}`);
    else await api.releaseHold(hold.event_id, hold.id);
    onGone(false);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void charge.run();
  };
  const isUnknown = charge.error instanceof ApiError && charge.error.outcomeUnknown;
  return (
    <form className="stack sale" onSubmit={submit} noValidate>
      {hold.expires_at && <Countdown expiresAt={hold.expires_at} serverNow={api.serverNow} onExpired={() => onGone(true)} />}
      <HeldPlaces hold={hold} />
      <Buyer buyer={buyer} locked={order !== undefined} error={charge.error} onChange={setBuyer} />
      <section className="card stack sale-cash" aria-label={t('sale.payment')}>
        <h2>{t('sale.payment')}</h2>
        <Tender total={total} text={tenderedText} onText={setTendered} />
        <p className={`change${isEnough ? '' : ' change-short'}`} role="status" data-testid="change">
          {change && (isEnough
            ? <>{t('sale.change')} <strong><Price money={change} /></strong></>
            : t('sale.missing', { amount: formatMoney({ ...change, minor: change.minor.slice(1) }, locale) }))}
        </p>
        {!shiftId && <Alert kind="warning">{t('shift.needed')}</Alert>}
        {isUnknown ? <Alert kind="warning">{t('sale.unknown')}</Alert> : <ErrorAlert error={charge.error ?? release.error} />}
        <Button type="submit" kind="primary" wide busy={charge.busy} disabled={!isEnough || !shiftId} data-testid="charge">
          {t('sale.charge', { total: formatMoney(total, locale) })}
        </Button>
        <Button kind="quiet" wide busy={release.busy} disabled={charge.busy} onClick={() => void release.run()}>{t('sale.release')}</Button>
      </section>
    </form>
  );
}

function HeldPlaces({ hold }: { hold: Hold }): ReactNode {
  const { t } = useI18n<AppKey>();
  return (
    <section className="card stack" aria-label={t('sale.places')}>
      <h2>{t('sale.places')}</h2>
      <ul className="sale-places">
        {hold.objects.map((object) => (
          <li key={object.label} data-testid="held-seat">
            <span><b>{object.label}</b>{Number(object.quantity) > 1 && ` × ${object.quantity}`} <span className="muted small">{object.gate}</span></span>
            <Price money={object.price} />
          </li>
        ))}
      </ul>
      {hold.quote && isPositive(hold.quote.total) && <QuoteTable quote={hold.quote} />}
    </section>
  );
}

interface BuyerProps {
  buyer: Contact;
  locked: boolean;
  error: unknown;
  onChange: (buyer: Contact) => void;
}

function Buyer({ buyer, locked, error, onChange }: BuyerProps): ReactNode {
  const { t } = useI18n<AppKey>();
  const fault = (field: string) => (error instanceof ApiError
    ? error.fields.find((problem) => problem.field.endsWith(field))?.detail : undefined);
  const input = (field: keyof Contact) => ({
    value: buyer[field],
    disabled: locked,
    autoComplete: 'off',
    error: fault(field),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange({ ...buyer, [field]: event.target.value }),
  });
  return (
    <section className="card stack" aria-label={t('sale.buyer')}>
      <div>
        <h2>{t('sale.buyer')}</h2>
        <p className="muted small">{t('sale.buyerHint')}</p>
      </div>
      <Field label={t('field.name')} name="buyer-name" {...input('name')} />
      <div className="two-fields">
        <Field label={t('field.email')} name="buyer-email" type="email" {...input('email')} />
        <Field label={t('field.phone')} name="buyer-phone" type="tel" {...input('phone')} />
      </div>
    </section>
  );
}

function Tender({ total, text, onText }: { total: Money; text: string; onText: (text: string) => void }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const digits = minorDigits(total.currency);
  const exact = decimalOf(total.minor, digits);
  // The notes that a person might hand over: each one's first multiple that is enough.
  const offers = [...new Set(kNotes.map((note) => Math.ceil(Number(exact) / note) * note))].filter((amount) => amount > Number(exact));
  return (
    <>
      <Field label={`${t('sale.tendered')} (${total.currency})`} inputMode="decimal" autoComplete="off" name="tendered" value={text}
        onChange={(event) => onText(event.target.value)} />
      <div className="row tender-offers">
        <Button onClick={() => onText(exact)}>{t('sale.exact')}</Button>
        {offers.map((amount) => (
          <Button key={amount} onClick={() => onText(String(amount))}>
            {formatMoney({ minor: (BigInt(amount) * 10n ** BigInt(digits)).toString(), currency: total.currency }, locale, { trim: true })}
          </Button>
        ))}
      </div>
    </>
  );
}
