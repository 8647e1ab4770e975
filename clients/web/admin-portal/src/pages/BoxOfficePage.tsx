import {
  Alert, BestAvailableForm, ErrorAlert, Loading, Operation, PickPanel, PickStage, useAction, useEventMap, useI18n, usePageTitle,
  usePicks, type CreateHoldRequest, type Event, type Hold, type Order,
} from '@ticketing/ui';
import { useState, type ReactNode } from 'react';
import { api } from '../api';
import { EventSelect } from '../EventSelect';
import { SalePanel } from '../sale/SalePanel';
import { ShiftBar } from '../sale/ShiftBar';
import { SoldPanel } from '../sale/SoldPanel';
import { useShift, type ShiftDesk } from '../sale/useShift';
import type { AppKey } from '../texts';
import { useEvents } from '../useEvents';

const kPlacesMax = 50;

/** The window: one screen from the event to the printed ticket. */
export function BoxOfficePage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const events = useEvents('sell');
  const desk = useShift();
  usePageTitle(`${t('nav.sell')} · ${t('brand')}`);
  if (events.error && !events.data) return <ErrorAlert error={events.error} onRetry={events.reload} />;
  if (!events.data) return <Loading />;
  if (!events.chosen) return <p className="empty">{t('event.none')}</p>;
  return (
    <div className="stack">
      <h1 className="visually-hidden">{t('nav.sell')}</h1>
      <div className="desk-bar">
        <EventSelect events={events.data} value={events.chosen.id} onChange={events.choose} />
        <ShiftBar desk={desk} currency={events.chosen.currency} />
      </div>
      <ErrorAlert error={desk.error} />
      <Desk key={events.chosen.id} event={events.chosen} desk={desk} />
    </div>
  );
}

function Desk({ event, desk }: { event: Event; desk: ShiftDesk }): ReactNode {
  const { t } = useI18n<AppKey>();
  const map = useEventMap(api, event.id);
  const picks = usePicks(map.model, map.availability, kPlacesMax);
  const [held, setHeld] = useState<Hold>();
  const [sold, setSold] = useState<Order>();
  const [expired, setExpired] = useState(false);
  const [operation] = useState(() => new Operation<CreateHoldRequest, Hold>((body, key) => api.hold(event.id, body, key)));
  const hold = useAction(async (request: CreateHoldRequest) => {
    setExpired(false);
    try {
      setHeld(await operation.run(request));
      picks.clear();
    } catch (error) {
      if (!picks.refuse(error)) throw error;
    } finally {
      map.refresh();
    }
  });
  const finish = (order: Order) => {
    setSold(order);
    setHeld(undefined);
    desk.refresh();
    map.refresh();
  };
  const release = (ranOut: boolean) => {
    setHeld(undefined);
    setExpired(ranOut);
    map.refresh();
  };
  return (
    <div className="desk">
      <PickStage map={map} picks={picks} />
      <aside className="stack desk-side">
        {expired && <Alert kind="warning">{t('sale.expired')}</Alert>}
        <ErrorAlert error={hold.error ?? map.error} />
        {sold && <SoldPanel order={sold} onNext={() => setSold(undefined)} />}
        {!sold && held && <SalePanel key={held.id} hold={held} shiftId={desk.shift?.id} onSold={finish} onGone={release} />}
        {!sold && !held && (
          <>
            <BestAvailableForm map={map} max={kPlacesMax} busy={hold.busy} onSubmit={(best) => void hold.run({ best_available: best })} />
            <PickPanel map={map} picks={picks} busy={hold.busy} onHold={() => void hold.run({ objects: picks.objects() })} />
          </>
        )}
      </aside>
    </div>
  );
}
