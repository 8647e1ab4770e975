import { useState, type ReactNode } from 'react';
import { SeatList } from '../chart/SeatList';
import { SeatMap } from '../chart/SeatMap';
import { Loading } from '../components/basics';
import { Price } from '../components/money';
import { useI18n } from '../i18n/core';
import type { EventMap } from './useEventMap';
import type { Picks } from './usePicks';

interface PickStageProps {
  map: EventMap;
  picks: Picks;
}

/** The map or its list, with the categories above to filter by. */
export function PickStage({ map, picks }: PickStageProps): ReactNode {
  const { t } = useI18n();
  const [view, setView] = useState<'map' | 'list'>('map');
  const [category, setCategory] = useState<number>();
  const { model, availability, prices } = map;
  if (!model) return <Loading label={t('map.loading')} />;
  const shared = { model, availability, prices, category, selection: picks.selection, conflicts: picks.conflicts };
  return (
    <section className="stage" aria-label={t('map.label')}>
      <div className="stage-bar">
        <CategoryChips map={map} category={category} onChange={setCategory} />
        <div className="segmented" role="group" aria-label={t('map.view')}>
          <button type="button" aria-pressed={view === 'map'} onClick={() => setView('map')}>{t('map.asMap')}</button>
          <button type="button" aria-pressed={view === 'list'} onClick={() => setView('list')}>{t('map.asList')}</button>
        </div>
      </div>
      {view === 'map'
        ? <SeatMap {...shared} onPick={picks.toggle} />
        : <SeatList {...shared} onPick={picks.toggle} onQuantity={picks.setQuantity} quantityMax={picks.max} />}
      <StateLegend />
    </section>
  );
}

interface ChipsProps {
  map: EventMap;
  category: number | undefined;
  onChange: (category: number | undefined) => void;
}

function CategoryChips({ map, category, onChange }: ChipsProps): ReactNode {
  const { t } = useI18n();
  const { model, availability, prices } = map;
  return (
    <div className="chips" role="group" aria-label={t('map.legend')}>
      {model?.categories.map((row, index) => {
        const free = availability?.categories.get(row.key)?.free;
        const isChosen = category === index;
        return (
          <button key={row.key} type="button" className="chip" aria-pressed={isChosen}
            onClick={() => onChange(isChosen ? undefined : index)}>
            <i className="swatch" style={{ backgroundColor: row.color }} />
            <span>{row.name}</span>
            <b><Price money={prices.get(row.key)} trim /></b>
            {free !== undefined && <small>{t('map.free', { n: free })}</small>}
          </button>
        );
      })}
    </div>
  );
}

/** The shapes of the seats: colour tells the category, shape tells the state. */
function StateLegend(): ReactNode {
  const { t } = useI18n();
  return (
    <ul className="state-legend">
      <li><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" className="seat-free" /></svg>{t('map.state.free')}</li>
      <li>
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7" className="seat-chosen" /><path className="seat-check" d="m5 8 2 2.3L11 6" /></svg>
        {t('map.state.selected')}
      </li>
      <li>
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5" className="seat-taken" /><circle cx="8" cy="8" r="1.8" className="seat-dot" /></svg>
        {t('map.state.held')}
      </li>
      <li>
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5" className="seat-taken" /><path className="seat-taken" d="m6 6 4 4m0-4-4 4" /></svg>
        {t('map.state.booked')}
      </li>
      <li><svg viewBox="0 0 16 16" aria-hidden="true"><rect x="2" y="2" width="12" height="12" rx="3" className="seat-free" /></svg>{t('map.accessible')}</li>
    </ul>
  );
}
