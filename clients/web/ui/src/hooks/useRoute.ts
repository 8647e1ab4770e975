import { useEffect, useSyncExternalStore } from 'react';

/** The page is in the fragment ("#/events/evt_1"), so any static file server will do and an offline page opens too. */
function currentPath(): string {
  const path = globalThis.location.hash.replace(/^#/, '');
  return path.startsWith('/') ? path : '/';
}

function subscribe(listener: () => void): () => void {
  globalThis.addEventListener('hashchange', listener);
  return () => globalThis.removeEventListener('hashchange', listener);
}

export function goTo(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    globalThis.history.replaceState(null, '', `#${path}`);
    globalThis.dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    globalThis.location.hash = path;
  }
}

/** Parts between the slashes, decoded: ["events", "evt_1"], and the values behind the question mark. */
export function parseRoute(path: string): { parts: string[]; query: URLSearchParams } {
  const [pathname = '', query = ''] = path.split('?', 2);
  const parts = pathname.split('/').filter((part) => part !== '').map(decodeSafely);
  return { parts, query: new URLSearchParams(query) };
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function useRoute(): { path: string; parts: string[]; query: URLSearchParams } {
  const path = useSyncExternalStore(subscribe, currentPath);
  return { path, ...parseRoute(path) };
}

/** Tells where one is: the title of the window, the top of the page, and the focus on its heading for screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
