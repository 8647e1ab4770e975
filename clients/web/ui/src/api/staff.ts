import type {
  CloseShiftRequest, CreatePairingRequest, Device, DeviceList, LedgerBalances, OpenShiftRequest, Pairing, ScanList, Shift,
} from '../gen/messages';
import { EventsApi } from './customer';

/** admin-api, for staff. */
export class StaffApi extends EventsApi {
  openShift(body: OpenShiftRequest, idempotencyKey: string): Promise<Shift> {
    return this.client.json('/v1/shifts', { method: 'POST', body, idempotencyKey });
  }

  closeShift(shiftId: string, body: CloseShiftRequest, idempotencyKey: string): Promise<Shift> {
    return this.client.json(`/v1/shifts/${encodeURIComponent(shiftId)}/close`, { method: 'POST', body, idempotencyKey });
  }

  shift(shiftId: string, signal?: AbortSignal): Promise<Shift> {
    return this.client.json(`/v1/shifts/${encodeURIComponent(shiftId)}`, { signal });
  }

  scans(eventId: string, cursor: string, signal?: AbortSignal): Promise<ScanList> {
    const query = new URLSearchParams({ limit: '100' });
    if (cursor) query.set('cursor', cursor);
    return this.client.json(`/v1/events/${encodeURIComponent(eventId)}/scans?${query}`, { signal });
  }

  pair(body: CreatePairingRequest): Promise<Pairing> {
    return this.client.json('/v1/pairings', { method: 'POST', body });
  }

  async devices(signal?: AbortSignal): Promise<Device[]> {
    return (await this.client.json<DeviceList>('/v1/devices', { signal })).devices;
  }

  ledger(signal?: AbortSignal): Promise<LedgerBalances> {
    return this.client.json('/v1/ledger/balances', { signal });
  }
}
