import { Alert, Button, Field, useI18n } from '@ticketing/ui';
import { useState, type FormEvent, type ReactNode } from 'react';
import { groupDigits, groupExpiry, kTestCards, tokenize, type CardFault, type TestCard } from '../cards';
import type { AppKey } from '../texts';

interface CardFormProps {
  total: string;
  busy: boolean;
  onToken: (token: string) => void;
}

export function CardForm({ total, busy, onToken }: CardFormProps): ReactNode {
  const { t } = useI18n<AppKey>();
  const [card, setCard] = useState({ number: '', expiry: '', cvc: '' });
  const [faults, setFaults] = useState<CardFault[]>([]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = tokenize(card);
    if ('token' in made) {
      setFaults([]);
      onToken(made.token);
    } else setFaults(made.faults);
  };
  const fault = (field: CardFault, key: AppKey) => (faults.includes(field) ? t(key) : undefined);
  // Browsers offer kept cards only for fields named as such: here nobody should send a real one.
  return (
    <form className="stack" onSubmit={submit} noValidate autoComplete="off">
      <TestCards onUse={(chosen) => setCard({ number: groupDigits(chosen.number), expiry: '12/34', cvc: '123' })} />
      <Field label={t('pay.number')} inputMode="numeric" autoComplete="off" placeholder="4242 4242 4242 4242" value={card.number}
        error={fault('number', 'pay.badNumber')} onChange={(event) => setCard({ ...card, number: groupDigits(event.target.value) })} />
      <div className="two-fields">
        <Field label={t('pay.expiry')} inputMode="numeric" autoComplete="off" placeholder="12/34" value={card.expiry}
          error={fault('expiry', 'pay.badExpiry')} onChange={(event) => setCard({ ...card, expiry: groupExpiry(event.target.value) })} />
        <Field label={t('pay.cvc')} inputMode="numeric" autoComplete="off" placeholder="123" maxLength={4} value={card.cvc}
          error={fault('cvc', 'pay.badCvc')} onChange={(event) => setCard({ ...card, cvc: event.target.value })} />
      </div>
      <Button type="submit" kind="primary" wide busy={busy} data-testid="pay">{t('pay.submit', { total })}</Button>
    </form>
  );
}

function TestCards({ onUse }: { onUse: (card: TestCard) => void }): ReactNode {
  const { t } = useI18n<AppKey>();
  return (
    <Alert kind="info" title={t('pay.testMode')}>
      <p className="small">{t('pay.testHint')}</p>
      <div className="row" role="group" aria-label={t('pay.fill')}>
        {kTestCards.map((card) => (
          <Button key={card.token} onClick={() => onUse(card)} data-testid={card.token}>
            {t(card.approved ? 'pay.testGood' : 'pay.testBad')}
          </Button>
        ))}
      </div>
    </Alert>
  );
}
