import { useSyncExternalStore } from 'react';
import type { SessionStore } from '../api/session';
import type { Account } from '../gen/messages';

export function useSession(session: SessionStore): Account | undefined {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}
