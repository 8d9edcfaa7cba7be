/**
 * Named points at which a test ends spendwise as a power cut would: between every two steps whose order is what keeps a job
 * from running twice and old weights from being served under a new name.
 */

/** From the dataset of an iteration to its stored checkpoint (loop/training.ts). */
export const SUBMISSION_POINTS = [
  'dataset-written',
  'intent-written',
  'job-submitted',
  'handle-stored',
  'job-ended',
  'intent-renewed',
  'checkpoint-stored',
] as const

/** Within a submission, where the engine takes an id of ours (jobs/ray.ts). */
export const ENGINE_POINTS = ['id-stored'] as const

/** From a stored checkpoint to a new server that answers with it (serve/restart.ts). */
export const RESTART_POINTS = [
  'hand-over-intended',
  'server-stopped',
  'memory-free',
  'server-started',
  'server-stored',
  'server-ready',
  'server-proven',
] as const

/** From a stored adapter to running engines that answer with it (serve/lora.ts). */
export const ADAPTER_POINTS = [
  'adapter-intended',
  'adapter-loaded',
  'adapters-stored',
  'adapter-proven',
  'old-unloaded',
] as const

/** From a stored checkpoint to a server that continues with it (serve/reload.ts). */
export const RELOAD_POINTS = [
  'reload-intended',
  'engines-paused',
  'weights-loaded',
  'engines-resumed',
  'reload-proven',
] as const

/** From a run that has ended to one that continues (loop/extend.ts). */
export const EXTENSION_POINTS = ['extension-asked', 'extension-stored'] as const

/** From the intent to start a server of a fleet to the end of its job (serve/fleet/crew.ts). */
export const FLEET_POINTS = [
  'fleet-intended',
  'fleet-job-submitted',
  'fleet-handle-stored',
  'fleet-published',
  'fleet-proven',
  'fleet-retired',
  'fleet-ended',
] as const
export type FleetPoint = (typeof FLEET_POINTS)[number]

/** All of them; `test/loop/crash-points.slow.test.ts` walks the list. */
export const CRASH_POINTS = [
  ...SUBMISSION_POINTS,
  ...ENGINE_POINTS,
  ...RESTART_POINTS,
  ...ADAPTER_POINTS,
  ...RELOAD_POINTS,
  ...EXTENSION_POINTS,
  ...FLEET_POINTS,
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

/** `NAME` ends the process when it first comes there, `NAME:3` the third time. */
export const CRASH_VARIABLE = 'SPENDWISE_CRASH_AT'

const passed = new Map<CrashPoint, number>()

/** Does nothing, unless the environment names this very point: then nothing after it happens, not even a `finally`. */
export function crashPoint(point: CrashPoint): void {
  const asked = process.env[CRASH_VARIABLE]
  if (asked === undefined) return
  const [name, time = '1'] = asked.split(':')
  if (name !== point) return
  const count = (passed.get(point) ?? 0) + 1
  passed.set(point, count)
  if (count === Number(time)) process.kill(process.pid, 'SIGKILL')
}
