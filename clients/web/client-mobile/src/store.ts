import type { Ticket } from '@ticketing/ui';

export interface Wallet {
  accountId: string;
  /** When the server was last asked, in milliseconds since 1970. */
  savedAt: number;
  tickets: Ticket[];
}

const kDatabase = 'ticketing-mobile';
const kStore = 'wallet';
const kKey = 'current';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
  });
}

async function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(kDatabase, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(kStore));
  return settled(request);
}

async function work<T>(factory: IDBFactory, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open(factory);
  try {
    const transaction = database.transaction(kStore, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve());
      transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('IndexedDB aborted')));
    });
    const result = await settled(ask(transaction.objectStore(kStore)));
    await done;
    return result;
  } finally {
    database.close();
  }
}

/** The tickets on this phone. One wallet, written as a whole: a crash leaves the old one or the new one. */
export const walletStore = {
  async read(factory: IDBFactory = indexedDB): Promise<Wallet | undefined> {
    return work<Wallet | undefined>(factory, 'readonly', (store) => store.get(kKey) as IDBRequest<Wallet | undefined>);
  },
  async write(wallet: Wallet, factory: IDBFactory = indexedDB): Promise<void> {
    await work(factory, 'readwrite', (store) => store.put(wallet, kKey));
  },
  async clear(factory: IDBFactory = indexedDB): Promise<void> {
    await work(factory, 'readwrite', (store) => store.delete(kKey));
  },
};
