import type { ReactNode } from 'react';
import { formatMoney } from '../format/money';
import type { Money } from '../gen/messages';
import type { CommonKey } from '../i18n/common';
import { useI18n, type Translate } from '../i18n/core';
import type { AvailabilityMap } from './availability';
import type { ChartModel, Place } from './model';
import { stateOf } from './scene';

interface About {
  model: ChartModel;
  availability: AvailabilityMap | undefined;
  prices: ReadonlyMap<string, Money>;
  selection: ReadonlyMap<number, number>;
}

function stateText(place: Place, about: About, t: Translate<CommonKey>): string {
  if (about.selection.has(place.index)) return t('map.state.selected');
  if (place.kind === 'area') return t('map.free', { n: about.availability?.areas.get(place.label)?.free ?? 0 });
  const keys = ['map.state.free', 'map.state.held', 'map.state.booked', 'map.state.closed'] as const;
  return t(keys[stateOf(place, about.availability)]);
}

function remarks(place: Place, t: Translate<CommonKey>): string[] {
  return [
    place.kind === 'suite' ? t('map.suite') : '',
    place.kind === 'table' ? t('map.table') : '',
    place.kind === 'booth' ? t('map.booth') : '',
    place.kind === 'area' ? t('map.area') : '',
    place.gate ? `${t('map.gate')}: ${place.gate}` : '',
    place.kind === 'suite' || place.kind === 'table' ? t('map.people', { n: place.capacity }) : '',
    place.accessible ? t('map.accessible') : '',
    place.companion ? t('map.companion') : '',
    place.restrictedView ? t('map.restricted') : '',
  ].filter(Boolean);
}

function titleOf(place: Place, t: Translate<CommonKey>): string {
  if (place.kind !== 'seat') return place.section;
  return [place.section, `${t('map.row')} ${place.row}`, `${t('map.seat')} ${place.seat}`].filter(Boolean).join(' · ');
}

/** All of it in one sentence, for a screen reader. */
export function describePlace(place: Place, about: About, t: Translate<CommonKey>, locale: string): string {
  const category = about.model.categories[place.category];
  const price = formatMoney(about.prices.get(category?.key ?? ''), locale);
  const parts = [titleOf(place, t), category?.name ?? '', price, stateText(place, about, t), ...remarks(place, t)];
  return parts.filter(Boolean).join(', ');
}

export function PlaceText({ place, ...about }: About & { place: Place }): ReactNode {
  const { t, locale } = useI18n();
  const category = about.model.categories[place.category];
  return (
    <>
      <strong>{titleOf(place, t)}</strong>
      <span className="tip-line">
        <i className="swatch" style={{ backgroundColor: category?.color }} />
        {category?.name}
        <b>{formatMoney(about.prices.get(category?.key ?? ''), locale)}</b>
      </span>
      <span className="muted small">{[stateText(place, about, t), ...remarks(place, t)].join(' · ')}</span>
    </>
  );
}
