/** Acts waiting for the network, kept in the browser's own database: what was done is never lost with the connection. */

export interface Photo { blob: Blob; at: string; lon: number | null; lat: number | null }

/** What the server says when somebody else changed the same thing. */
export interface Conflict { field: string; label: string; yours: string; theirs: string; yours_shown: string; theirs_shown: string; by: string; at: string; version: number }

export interface Act {
  id: string; task: string; title: string; version: number; at: string;
  fields: Record<string, string>; photos: Photo[];
  state: "waiting" | "sending" | "done" | "refused" | "conflict";
  told?: string; conflict?: Conflict;
}

const NAME = "qingyuan-field";
const STORE = "acts";

function opened(): Promise<IDBDatabase> {
  return new Promise((good, bad) => {
    const ask = indexedDB.open(NAME, 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore(STORE, { keyPath: "id" });
    ask.onsuccess = () => good(ask.result);
    ask.onerror = () => bad(ask.error);
  });
}

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await opened();
  return new Promise<T>((good, bad) => {
    const change = base.transaction(STORE, mode, { durability: "strict" });
    const ask = act(change.objectStore(STORE));
    change.oncomplete = () => { base.close(); good(ask.result); };
    change.onerror = change.onabort = () => { base.close(); bad(change.error ?? ask.error); };
  });
}

/** Keep an act, new or changed; it is on disk when the promise resolves. */
export const keep = (act: Act): Promise<IDBValidKey> => inStore("readwrite", (store) => store.put(act));

/** Forget an act the server has. */
export const forget = (id: string): Promise<undefined> => inStore("readwrite", (store) => store.delete(id));

/** Every act kept, oldest first. */
export async function kept(): Promise<Act[]> {
  const all = await inStore<Act[]>("readonly", (store) => store.getAll() as IDBRequest<Act[]>);
  return all.sort((one, other) => one.at.localeCompare(other.at));
}
