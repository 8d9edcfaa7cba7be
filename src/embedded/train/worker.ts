/** Thread entry: one replica of a training job. */

import { parentPort, workerData } from 'node:worker_threads'
import { type ReplicaSetup, runReplica } from '../model/replica.ts'

runReplica(workerData as ReplicaSetup, (report) => parentPort?.postMessage(report))
