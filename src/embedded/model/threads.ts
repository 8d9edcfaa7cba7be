/** How many threads train and write unless told otherwise. */

import { availableParallelism } from 'node:os'

/** Neither weights nor texts depend on it. */
export const DEFAULT_THREADS = Math.min(2, availableParallelism())
