import {
  Alert, Badge, Button, Dialog, ErrorAlert, Field, formatTime, kClock, parseMoney, Price, useAction, useI18n, type Money, type Shift,
} from '@ticketing/ui';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AppKey } from '../texts';
import type { ShiftDesk } from './useShift';

type Asking = 'open' | 'close' | 'report' | undefined;

interface ShiftBarProps {
  desk: ShiftDesk;
  currency: string;
}

/** Whether the drawer is open, what it should hold, and the way to open and close it. */
export function ShiftBar({ desk, currency }: ShiftBarProps): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const [asking, setAsking] = useState<Asking>();
  const [report, setReport] = useState<Shift>();
  const { shift } = desk;
  const openWith = async (amount: Money) => {
    await desk.open(amount);
    setAsking(undefined);
  };
  const closeWith = async (amount: Money) => {
    setReport(await desk.close(amount));
    setAsking('report');
  };
  return (
    <div className="shift-bar" data-testid="shift">
      {shift ? <Badge kind="good">{t('shift.open')}</Badge> : <Badge kind="warn">{t('shift.closed')}</Badge>}
      {shift && (
        <span className="muted small">
          {t('shift.since', { time: formatTime(shift.opened_at, locale, kClock) })} · {t('shift.expected')} <b><Price money={shift.expected_cash} /></b>
        </span>
      )}
      {shift
        ? <Button onClick={() => setAsking('close')}>{t('shift.closeNow')}</Button>
        : <Button kind="primary" onClick={() => setAsking('open')}>{t('shift.openNow')}</Button>}
      <Dialog open={asking === 'open'} title={t('shift.openNow')} onClose={() => setAsking(undefined)}>
        <AmountForm label={t('shift.openingCash')} button={t('shift.openNow')} currency={currency} onAmount={openWith} />
      </Dialog>
      <Dialog open={asking === 'close'} title={t('shift.closeNow')} onClose={() => setAsking(undefined)}>
        {shift && <ShiftTable shift={shift} />}
        <AmountForm label={t('shift.countedCash')} button={t('shift.closeNow')} currency={currency} onAmount={closeWith} />
      </Dialog>
      <Dialog open={asking === 'report'} title={t('shift.report')} onClose={() => setAsking(undefined)}>
        {report && <ShiftTable shift={report} />}
        {report?.difference?.minor === '0' && <Alert kind="success">{t('shift.exact')}</Alert>}
      </Dialog>
    </div>
  );
}

interface AmountFormProps {
  label: string;
  button: string;
  currency: string;
  onAmount: (amount: Money) => Promise<void>;
}

function AmountForm({ label, button, currency, onAmount }: AmountFormProps): ReactNode {
  const { t } = useI18n<AppKey>();
  const [text, setText] = useState('');
  const [isBad, setBad] = useState(false);
  const send = useAction(onAmount);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const amount = parseMoney(text, currency);
    setBad(!amount);
    if (amount) void send.run(amount);
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <Field label={`${label} (${currency})`} inputMode="decimal" autoComplete="off" value={text} name="amount"
        error={isBad ? t('shift.badAmount') : undefined} onChange={(event) => setText(event.target.value)} />
      <ErrorAlert error={send.error} />
      <Button type="submit" kind="primary" wide busy={send.busy}>{button}</Button>
    </form>
  );
}

function ShiftTable({ shift }: { shift: Shift }): ReactNode {
  const { t } = useI18n<AppKey>();
  const rows: [AppKey, Money | undefined][] = [
    ['shift.opening', shift.opening_cash],
    ['shift.sales', shift.cash_sales],
    ['shift.refunds', shift.cash_refunds],
    ['shift.expected', shift.expected_cash],
    ...(shift.status === 'closed' ? [['shift.counted', shift.counted_cash], ['shift.difference', shift.difference]] as [AppKey, Money | undefined][] : []),
  ];
  return (
    <dl className="quote">
      {rows.map(([key, money]) => <div key={key}><dt>{t(key)}</dt><dd><Price money={money} /></dd></div>)}
    </dl>
  );
}
