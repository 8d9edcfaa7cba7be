/** Reading a stored run: opened for reading, closed whatever happens, SQLite's errors as sentences. */

import { openStore, type Store } from '../store/store.ts'

/**
 * @param directory the run folder
 * @throws StoreError when there is no run, or its database cannot be read
 */
export function readStore<T>(directory: string, read: (store: Store) => T): T {
  const store = openStore(directory, { readonly: true })
  try {
    return read(store)
  } catch (error) {
    throw store.explain(error)
  } finally {
    store.close()
  }
}
