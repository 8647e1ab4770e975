import { useMemo, useState, type ReactNode } from 'react';
import { Select, Stepper } from '../components/basics';
import { Price } from '../components/money';
import { useI18n } from '../i18n/core';
import type { Place } from './model';
import { freeBySection, isFree } from './scene';
import type { SeatMapProps } from './SeatMap';
import { describePlace } from './PlaceText';

interface SeatListProps extends SeatMapProps {
  onQuantity: (place: Place, quantity: number) => void;
  quantityMax: number;
}

/** The same choice as the map without a picture: a section, its rows, and a button for every free seat. */
export function SeatList(props: SeatListProps): ReactNode {
  const { model, availability, category } = props;
  const { t } = useI18n();
  const [chosen, setChosen] = useState('');
  const free = useMemo(() => freeBySection(model, availability), [model, availability]);
  const options = useMemo(() => {
    const named = (label: string, count: number) => `${label} — ${t('map.free', { n: count })}`;
    const sections = model.sections
      .map((section, index) => ({ section, index, count: free[index] ?? 0 }))
      .filter(({ section, count }) => count > 0 && (category === undefined || section.category === category))
      .map(({ section, index, count }) => ({ value: `s${index}`, label: named(section.name || t('list.section'), count) }));
    const blocks = (kind: Place['kind']) => model.blocks
      .map((block) => model.places[block.index]!)
      .filter((place) => place.kind === kind && isFree(place, availability) && (category === undefined || place.category === category))
      .map((place) => ({ value: `b${place.index}`, label: named(place.section, freeOf(place, props)) }));
    return [{ value: '', label: t('list.choose') }, ...blocks('area'), ...sections, ...blocks('table'), ...blocks('booth'), ...blocks('suite')];
  }, [model, availability, free, category, t, props]);
  const number = Number(chosen.slice(1));
  return (
    <div className="seatlist">
      <Select label={t('list.section')} value={chosen} onChange={setChosen} options={options} />
      {chosen.startsWith('s') && <SectionRows {...props} section={number} />}
      {chosen.startsWith('b') && model.places[number] && <BlockRow {...props} place={model.places[number]} />}
    </div>
  );
}

function freeOf(place: Place, { availability }: SeatListProps): number {
  return place.kind === 'area' ? availability?.areas.get(place.label)?.free ?? 0 : 1;
}

function SectionRows(props: SeatListProps & { section: number }): ReactNode {
  const { model, availability, section } = props;
  const { t } = useI18n();
  const rows = (model.sections[section]?.rows ?? [])
    .map((index) => model.rows[index]!)
    .map((row) => ({ row, seats: model.places.slice(row.first, row.first + row.count) }))
    .map(({ row, seats }) => ({ row, seats: seats.filter((place) => isFree(place, availability) || props.selection.has(place.index)) }))
    .filter(({ seats }) => seats.length > 0);
  if (rows.length === 0) return <p className="muted">{t('list.none')}</p>;
  return (
    <div className="seatlist-rows">
      {rows.map(({ row, seats }) => (
        <fieldset key={row.first}>
          <legend>{t('list.rowLabel', { row: row.label })}</legend>
          <div className="seatlist-seats">
            {seats.map((place) => <SeatButton key={place.index} {...props} place={place} />)}
          </div>
        </fieldset>
      ))}
    </div>
  );
}

function SeatButton(props: SeatListProps & { place: Place }): ReactNode {
  const { place, selection, onPick } = props;
  const { t, locale } = useI18n();
  return (
    <button type="button" className="seat-button" aria-pressed={selection.has(place.index)}
      aria-label={describePlace(place, props, t, locale)} onClick={() => onPick(place)}>
      {place.accessible ? `♿︎ ${place.seat}` : place.seat}
    </button>
  );
}

function BlockRow(props: SeatListProps & { place: Place }): ReactNode {
  const { place, model, prices, selection, onQuantity, quantityMax } = props;
  const { t } = useI18n();
  const category = model.categories[place.category];
  const max = place.kind !== 'area' ? 1 : Math.min(quantityMax, freeOf(place, props));
  return (
    <div className="seatlist-block">
      <div>
        <strong>{place.section}</strong>
        <p className="muted">{category?.name} · <Price money={prices.get(category?.key ?? '')} /></p>
      </div>
      <Stepper label={t('list.quantity')} min={0} max={max} value={selection.get(place.index) ?? 0}
        onChange={(quantity) => onQuantity(place, quantity)} />
    </div>
  );
}
