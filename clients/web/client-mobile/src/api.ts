import { CustomerApi, SessionStore } from '@ticketing/ui';

/** An app on one's own phone stays signed in. */
export const api = new CustomerApi({ session: new SessionStore(localStorage, 'ticketing.customer') });
