import type { ReactNode } from 'react';
import { Alert, Button, Stepper } from '../components/basics';
import { Price } from '../components/money';
import type { Place } from '../chart/model';
import { timesMoney } from '../format/money';
import { useI18n } from '../i18n/core';
import type { EventMap } from './useEventMap';
import type { Picks } from './usePicks';

interface PickPanelProps {
  map: EventMap;
  picks: Picks;
  busy: boolean;
  onHold: () => void;
}

/** What was chosen on the map, and the button that holds it. */
export function PickPanel({ map, picks, busy, onHold }: PickPanelProps): ReactNode {
  const { t } = useI18n();
  const lost = [...picks.conflicts].flatMap((index) => map.model?.places[index]?.label ?? []);
  return (
    <section className="card" aria-label={t('pick.title')}>
      <div className="card-head">
        <h2>{t('pick.title')}</h2>
        {picks.count > 0 && <Button kind="quiet" onClick={picks.clear}>{t('pick.clear')}</Button>}
      </div>
      {lost.length > 0 && <Alert kind="warning">{t('error.seat-not-available', { objects: lost.join(', ') })}</Alert>}
      {picks.full && <Alert kind="info">{t('pick.limit', { n: picks.max })}</Alert>}
      {picks.count === 0 && <p className="muted pick-empty">{t('pick.empty')}</p>}
      <ul className="picks">
        {picks.places.map((place) => <PickRow key={place.index} place={place} map={map} picks={picks} />)}
      </ul>
      {picks.count > 0 && (
        <>
          <div className="pick-foot">
            <span>{t('pick.places', { n: picks.count })}</span>
            <strong><Price money={picks.subtotal(map.prices)} /></strong>
          </div>
          <Button kind="primary" wide busy={busy} onClick={onHold} data-testid="hold">{t('pick.hold', { n: picks.count })}</Button>
        </>
      )}
    </section>
  );
}

function PickRow({ place, map, picks }: { place: Place; map: EventMap; picks: Picks }): ReactNode {
  const { t } = useI18n();
  const category = map.model?.categories[place.category];
  const quantity = picks.selection.get(place.index) ?? 1;
  const price = map.prices.get(category?.key ?? '');
  return (
    <li>
      <i className="swatch" style={{ backgroundColor: category?.color }} />
      <div className="pick-text">
        <strong>{place.label}</strong>
        <span className="muted small">{[category?.name, place.gate].filter(Boolean).join(' · ')}</span>
      </div>
      {place.kind === 'area' && (
        <Stepper compact label={place.label} value={quantity} min={0} max={picks.max}
          onChange={(next) => picks.setQuantity(place, next)} />
      )}
      <Price money={price && timesMoney(price, quantity)} />
      <button type="button" className="icon-button" aria-label={t('pick.remove', { label: place.label })}
        onClick={() => picks.setQuantity(place, 0)}>✕</button>
    </li>
  );
}
