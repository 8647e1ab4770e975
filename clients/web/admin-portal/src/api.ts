import { SessionStore, StaffApi } from '@ticketing/ui';

/** One session for the tab; it ends with the tab. */
export const api = new StaffApi({ session: new SessionStore(sessionStorage, 'ticketing.staff') });
