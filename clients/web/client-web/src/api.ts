import { CustomerApi, SessionStore } from '@ticketing/ui';

/** One session for the tab; it ends with the tab. */
export const api = new CustomerApi({ session: new SessionStore(sessionStorage, 'ticketing.customer') });
