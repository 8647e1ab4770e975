import { ApiError, useSession } from '@ticketing/ui';
import { useCallback, useEffect, useState } from 'react';
import { api } from './api';
import { walletStore, type Wallet } from './store';

/** How often an open app looks for changes. */
const kRefreshMs = 60_000;

export interface WalletState {
  wallet: Wallet | undefined;
  /** Whether the phone's own copy has been read. */
  ready: boolean;
  refreshing: boolean;
  /** Why the last refresh failed; what is shown is then the copy on the phone. */
  error: unknown;
  refresh: () => void;
  signOut: () => Promise<void>;
}

/** What is kept is shown at once; the network only ever makes it newer. */
export function useWallet(): WalletState {
  const account = useSession(api.session);
  const [wallet, setWallet] = useState<Wallet>();
  const [ready, setReady] = useState(false);
  const [refreshing, setRefreshing] = useState(false);
  const [error, setError] = useState<unknown>();
  const accountId = account?.id;

  useEffect(() => {
    walletStore.read().then(setWallet, () => undefined).finally(() => setReady(true));
  }, []);

  const refresh = useCallback(() => {
    if (!accountId) return;
    setRefreshing(true);
    api.tickets()
      .then(async ({ tickets }) => {
        const fresh = { accountId, savedAt: Date.now(), tickets };
        setWallet(fresh);
        setError(undefined);
        await walletStore.write(fresh);
      })
      .catch((problem: unknown) => setError(problem))
      .finally(() => setRefreshing(false));
  }, [accountId]);

  useEffect(() => {
    if (!ready) return undefined;
    refresh();
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), kRefreshMs);
    globalThis.addEventListener('online', refresh);
    return () => {
      clearInterval(timer);
      globalThis.removeEventListener('online', refresh);
    };
  }, [ready, refresh]);

  const signOut = useCallback(async () => {
    await walletStore.clear();
    setWallet(undefined);
    setError(undefined);
    await api.signOut();
  }, []);
  // Somebody else signed in on this phone: their tickets are not these.
  const own = wallet && (!accountId || wallet.accountId === accountId) ? wallet : undefined;
  return { wallet: own, ready, refreshing, error, refresh, signOut };
}

export function isOffline(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
