import type { Account, Session } from '../gen/messages';

/** Where tokens live. The access token never leaves memory; what survives a reload is only the refresh token. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface Kept {
  refreshToken: string;
  account: Account;
}

function readKept(storage: TokenStorage, key: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? 'null');
    if (typeof kept === 'object' && kept !== null && 'refreshToken' in kept && 'account' in kept) return kept as Kept;
  } catch {
    // Storage that is off or damaged means: nobody is signed in.
  }
  return undefined;
}

/**
 * The session of one client. Sign-in survives a reload of the tab (sessionStorage) or of the app (localStorage),
 * whichever storage is handed in. Listeners are told of every sign-in and sign-out.
 */
export class SessionStore {
  private readonly storage: TokenStorage;
  private readonly key: string;
  private readonly listeners = new Set<() => void>();
  private access: { token: string; expiresAt: number } | undefined;
  private kept: Kept | undefined;

  constructor(storage: TokenStorage, key: string) {
    this.storage = storage;
    this.key = key;
    this.kept = readKept(storage, key);
  }

  get account(): Account | undefined {
    return this.kept?.account;
  }

  get refreshToken(): string | undefined {
    return this.kept?.refreshToken;
  }

  /** The access token if it holds for another `marginMs`. */
  accessToken(now: number, marginMs = 15_000): string | undefined {
    return this.access && this.access.expiresAt - marginMs > now ? this.access.token : undefined;
  }

  /** Another tab of the same app may have refreshed meanwhile. */
  reload(): void {
    this.kept = readKept(this.storage, this.key);
  }

  begin(session: Session): void {
    const account = session.account ?? this.kept?.account;
    if (!account) return;
    this.access = { token: session.access_token, expiresAt: Date.parse(session.access_expires_at ?? '') || 0 };
    this.kept = { refreshToken: session.refresh_token, account };
    this.write(JSON.stringify(this.kept));
    this.tell();
  }

  /** Makes the next request refresh first. */
  dropAccess(): void {
    this.access = undefined;
  }

  end(): void {
    this.access = undefined;
    this.kept = undefined;
    this.write(undefined);
    this.tell();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): Account | undefined => this.kept?.account;

  private write(value: string | undefined): void {
    try {
      if (value === undefined) this.storage.removeItem(this.key);
      else this.storage.setItem(this.key, value);
    } catch {
      // Private windows may refuse to store: the session then ends with the page.
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
