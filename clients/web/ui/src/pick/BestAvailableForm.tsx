import { useId, useState, type ReactNode } from 'react';
import { Button, Select, Stepper } from '../components/basics';
import { formatMoney } from '../format/money';
import type { BestAvailableRequest } from '../gen/messages';
import { useI18n } from '../i18n/core';
import type { EventMap } from './useEventMap';

interface BestAvailableFormProps {
  map: EventMap;
  max: number;
  busy: boolean;
  onSubmit: (request: BestAvailableRequest) => void;
}

export function BestAvailableForm({ map, max, busy, onSubmit }: BestAvailableFormProps): ReactNode {
  const { t, locale } = useI18n();
  const [quantity, setQuantity] = useState(2);
  const [category, setCategory] = useState('');
  const [accessible, setAccessible] = useState(false);
  const accessibleId = useId();
  const options = (map.model?.categories ?? []).map((row) => {
    const free = map.availability?.categories.get(row.key)?.free ?? 0;
    const price = formatMoney(map.prices.get(row.key), locale, { trim: true });
    return { value: row.key, label: `${row.name} · ${price}`, disabled: free === 0 };
  });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    onSubmit({ quantity, ...(category ? { category } : {}), ...(accessible ? { accessible } : {}) });
  };
  return (
    <section className="card" aria-label={t('best.title')}>
      <h2>{t('best.title')}</h2>
      <form className="best-form" onSubmit={submit}>
        <Stepper label={t('best.quantity')} value={quantity} max={max} onChange={setQuantity} />
        <Select label={t('best.category')} value={category} onChange={setCategory}
          options={[{ value: '', label: t('best.any') }, ...options]} />
        <div className="check">
          <input id={accessibleId} type="checkbox" checked={accessible} onChange={(event) => setAccessible(event.target.checked)} />
          <label htmlFor={accessibleId}>{t('best.accessible')}</label>
        </div>
        <Button type="submit" kind="secondary" wide busy={busy} disabled={!map.model}>{t('best.submit')}</Button>
      </form>
    </section>
  );
}
