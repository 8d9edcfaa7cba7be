/** A verifier thread that has run through the usual kinds of answers before its first batch, while nobody waits for it. */

import { warmUp } from './warm-up.ts'
import verifyBatch from './worker.ts'

warmUp()

export default verifyBatch
