import {
  Badge, Button, ErrorAlert, Field, fieldErrorOf, formatTime, kClock, kDateShort, Loading, Select, useAction, useI18n, useLoad, usePageTitle,
  useSession, type Device, type Pairing, TableCard,
} from '@ticketing/ui';
import { useCallback, useState, type FormEvent, type ReactNode } from 'react';
import { api } from '../api';
import { isAdmin } from '../roles';
import type { AppKey } from '../texts';

const kPollMs = 5000;

export function DevicesPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const account = useSession(api.session);
  const devices = useLoad(useCallback((signal: AbortSignal) => api.devices(signal), []), kPollMs);
  usePageTitle(`${t('devices.title')} · ${t('brand')}`);
  return (
    <div className="stack">
      <h1>{t('devices.title')}</h1>
      <div className="desk">
        <div className="stack">
          <ErrorAlert error={devices.data ? undefined : devices.error} onRetry={devices.reload} />
          {devices.loading && <Loading />}
          {devices.data?.length === 0 && <p className="empty">{t('devices.none')}</p>}
          {devices.data && devices.data.length > 0 && <DeviceTable devices={devices.data} />}
        </div>
        {account && isAdmin(account) && <PairPanel />}
      </div>
    </div>
  );
}

function DeviceTable({ devices }: { devices: Device[] }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const heads: AppKey[] = ['devices.name', 'devices.kind', 'devices.enrolled', 'devices.state'];
  return (
    <TableCard label={t('devices.title')}>
      <thead><tr>{heads.map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
      <tbody>
        {devices.map((device) => (
          <tr key={device.id}>
            <td><b>{device.name}</b><br /><span className="muted small">{device.id}</span></td>
            <td>{t(`kind.${device.kind}` as AppKey)}</td>
            <td>{formatTime(device.enrolled_at, locale, { ...kDateShort, ...kClock })}</td>
            <td><Badge kind={device.revoked ? 'bad' : 'good'}>{t(device.revoked ? 'devices.revoked' : 'devices.active')}</Badge></td>
          </tr>
        ))}
      </tbody>
    </TableCard>
  );
}

function PairPanel(): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const [kind, setKind] = useState('handheld');
  const [name, setName] = useState('');
  const [pairing, setPairing] = useState<Pairing>();
  const make = useAction(async () => setPairing(await api.pair({ kind, name })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void make.run();
  };
  return (
    <aside className="card stack desk-side" aria-label={t('devices.pair')}>
      <h2>{t('devices.pair')}</h2>
      <form className="stack" onSubmit={submit}>
        <Select label={t('devices.kind')} value={kind} onChange={setKind}
          options={[{ value: 'handheld', label: t('kind.handheld') }, { value: 'bastion', label: t('kind.bastion') }]} />
        <Field label={t('devices.pairName')} name="device-name" required maxLength={100} value={name}
          error={fieldErrorOf(make.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <ErrorAlert error={make.error} />
        <Button type="submit" kind="primary" wide busy={make.busy}>{t('devices.makeCode')}</Button>
      </form>
      {pairing && (
        <div className="pairing" role="status">
          <span className="muted small">{t('devices.code')}</span>
          <strong data-testid="pairing-code">{pairing.code}</strong>
          <span className="muted small">
            {t('devices.codeHint', { name: pairing.name, time: formatTime(pairing.expires_at, locale, kClock) })}
          </span>
        </div>
      )}
    </aside>
  );
}
