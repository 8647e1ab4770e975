import { useSyncExternalStore } from 'react';

/** What Chromium hands a page that may be installed; not in TypeScript's library. */
interface InstallPromptEvent extends Event {
  prompt: () => Promise<unknown>;
}

let offer: InstallPromptEvent | undefined;
const listeners = new Set<() => void>();

function setOffer(next: InstallPromptEvent | undefined): void {
  offer = next;
  for (const listener of listeners) listener();
}

globalThis.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  setOffer(event as InstallPromptEvent);
});
globalThis.addEventListener('appinstalled', () => setOffer(undefined));

/** The browser's offer to install the app, when there is one. */
export function useInstall(): (() => void) | undefined {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offer,
  );
  if (!current) return undefined;
  return () => {
    void current.prompt();
    setOffer(undefined);
  };
}

export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  globalThis.addEventListener('load', () => {
    navigator.serviceWorker.register('./sw.js').catch(() => {
      // Without one (an old browser, plain HTTP) the app works online, and says so when it is not.
    });
  });
}
