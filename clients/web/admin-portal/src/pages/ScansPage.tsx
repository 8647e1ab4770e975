import {
  Alert, Badge, ErrorAlert, formatTime, kClockSeconds, Loading, useI18n, useLoad, usePageTitle, type Event, type Scan, type ScanList, TableCard,
} from '@ticketing/ui';
import { useCallback, type ReactNode } from 'react';
import { api } from '../api';
import { EventSelect } from '../EventSelect';
import { texts, type AppKey } from '../texts';
import { useEvents } from '../useEvents';

const kPollMs = 2000;

/** What the gates do, as it reaches the cloud: each scan once, the newest first. */
export function ScansPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const events = useEvents('scans', 'entered');
  usePageTitle(`${t('scans.title')} · ${t('brand')}`);
  if (events.error && !events.data) return <ErrorAlert error={events.error} onRetry={events.reload} />;
  if (!events.data) return <Loading />;
  if (!events.chosen) return <p className="empty">{t('event.none')}</p>;
  return (
    <div className="stack">
      <div className="desk-bar">
        <h1 className="row">{t('scans.title')} <span className="live-mark"><i aria-hidden="true" />{t('scans.live')}</span></h1>
        <EventSelect events={events.data} value={events.chosen.id} onChange={events.choose} />
      </div>
      <LiveScans key={events.chosen.id} event={events.chosen} />
    </div>
  );
}

function LiveScans({ event }: { event: Event }): ReactNode {
  const { t } = useI18n<AppKey>();
  const list = useLoad(useCallback((signal: AbortSignal) => api.scans(event.id, '', signal), [event.id]), kPollMs);
  if (!list.data) return list.error ? <ErrorAlert error={list.error} onRetry={list.reload} /> : <Loading />;
  return (
    <>
      {list.error ? <Alert kind="warning">{t('scans.stale')}</Alert> : null}
      <Counts list={list.data} />
      {list.data.scans.length === 0
        ? <p className="empty">{t('scans.none')}</p>
        : <ScanTable event={event} scans={list.data.scans} />}
      {list.data.next_cursor && <p className="muted small">{t('scans.more', { n: list.data.scans.length })}</p>}
    </>
  );
}

function Counts({ list }: { list: ScanList }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const counts: [AppKey, string, string][] = [
    ['scans.total', list.total, ''],
    ['scans.admitted', list.admitted, 'count-good'],
    ['scans.refused', list.refused, 'count-bad'],
    ['scans.disputed', list.disputed, list.disputed === '0' ? '' : 'count-warn'],
  ];
  return (
    <dl className="counts" aria-live="polite">
      {counts.map(([key, value, className]) => (
        <div key={key} className={`card ${className}`} data-testid={key}>
          <dt>{t(key)}</dt>
          <dd>{new Intl.NumberFormat(locale).format(BigInt(value))}</dd>
        </div>
      ))}
    </dl>
  );
}

function ScanTable({ event, scans }: { event: Event; scans: Scan[] }): ReactNode {
  const { t } = useI18n<AppKey>();
  const heads: AppKey[] = ['scans.time', 'scans.result', 'scans.place', 'scans.gate', 'scans.by', 'scans.device'];
  return (
    <TableCard label={t('scans.title')}>
      <thead><tr>{heads.map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
      <tbody>{scans.map((scan) => <ScanRow key={scan.id} event={event} scan={scan} />)}</tbody>
    </TableCard>
  );
}

function ScanRow({ event, scan }: { event: Event; scan: Scan }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const known = (key: string) => (key in texts.es ? t(key as AppKey) : key.replace(/^\w+\./, ''));
  const isAdmitted = scan.outcome === 'admitted';
  const gate = event.gates.find((row) => row.id === scan.gate)?.name ?? scan.gate;
  return (
    <tr data-testid="scan">
      <td><time dateTime={scan.at}>{formatTime(scan.at, locale, kClockSeconds, event.venue)}</time></td>
      <td>
        <Badge kind={isAdmitted ? 'good' : 'bad'}>{isAdmitted ? '✓' : '✕'} {known(`outcome.${scan.outcome}`)}</Badge>
        {scan.disputed && <> <Badge kind="warn">{t('scans.disputed')}</Badge></>}
        <span className="muted small scan-reason">{known(`reason.${scan.reason}`)}</span>
      </td>
      <td>{scan.label || scan.ticket_id || '—'}</td>
      <td>{gate || '—'}</td>
      <td>{known(`by.${scan.decided_by}`)}</td>
      <td className="muted small">{scan.device_id}</td>
    </tr>
  );
}
