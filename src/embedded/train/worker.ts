/** Thread entry: replicas of training jobs, one job after the other. */

import { parentPort } from 'node:worker_threads'
import { type ReplicaReport, type ReplicaSetup, runReplica } from '../model/replica.ts'

/** What a thread says of its job; `ended` comes last, and then it is free for the next. */
export type ThreadReport = ReplicaReport | { readonly kind: 'ended' }

parentPort?.on('message', (setup: ReplicaSetup) => {
  const report = (message: ThreadReport): void => parentPort?.postMessage(message)
  runReplica(setup, report)
  report({ kind: 'ended' })
})
