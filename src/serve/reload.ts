/**
 * Hand-over `reload`: new weights are put into a server that continues running, and proven before the first sample. Where that
 * cannot be done or proven, the server is started again on the new checkpoint, if spendwise has started it.
 */

import type { Checkpoint } from '../core/checkpoint.ts'
import { ServerError } from '../core/errors.ts'
import type { Canary, Proof } from '../core/measure/canary.ts'
import type { HandOver, HandOverJournal, HandOverStep, InferenceServer } from '../core/server.ts'
import { crashPoint } from '../process/crash-point.ts'
import type { Engine } from './engine.ts'
import { isStartedOn, weightsOf } from './names.ts'
import { createProofs, type ProofOptions, type Switch } from './proof.ts'
import type { RestartServer } from './restart.ts'
import { loadWeights, nameWeights, pauseEngine, resumeEngine } from './vllm-routes.ts'

/** `engines`: all that answer under the endpoint's address. */
export interface ReloadOptions extends ProofOptions {
  readonly baseURL: string
  /** The served name, the same for every checkpoint. */
  readonly model: string
  /** A checkpoint's directory for the engines, or the name of a base. */
  readonly locate: (checkpoint: Checkpoint) => string
  /** Longest wait for the requests under way to end, and for the weights to be loaded. */
  readonly loadSeconds: number
  readonly journal: HandOverJournal
  /** Starts and ends the server, always under that name; undefined where the engines are somebody else's. */
  readonly restart: RestartServer | undefined
  /** What an engine calls its weights; undefined where it has no word for them. */
  readonly versionOf: (engine: Engine, signal: AbortSignal) => Promise<string | undefined>
  /** Where an engine says that the weights lie which it was started on. */
  readonly rootOf: (engine: Engine, signal: AbortSignal) => Promise<string | undefined>
  /** Whether its output layer is the embeddings', as far as its files say. */
  readonly isTied: (checkpoint: Checkpoint) => boolean
  /** What the trainer says of a checkpoint's weights. */
  readonly canaryOf: (checkpoint: Checkpoint) => Canary | undefined
  /** The checkpoint with this hash, where its directory is there. */
  readonly checkpointOf: (hash: string) => Checkpoint | undefined
  /** Only looked at: what engines of somebody else hold stays there. */
  readonly isTrial?: boolean
  readonly onNote: (text: string) => void
}

interface Target extends Pick<HandOver, 'name' | 'weights'> {
  readonly path: string
  /** What the engines are told that their weights are called. */
  readonly version: string
}

/** After these the server's routes are there; what it serves is another question. */
const UP_STEPS: ReadonlySet<HandOverStep> = new Set(['proven', 'reloading', 'loaded'])

export function createReloadServer(options: ReloadOptions): InferenceServer {
  const { engines, journal, restart, onNote } = options
  const proofs = createProofs(options)
  /** What this process has brought to its end. */
  let current: { readonly target: Target; readonly isProven: boolean } | undefined
  /** Reloading has failed on this server, or left old weights behind. */
  let isGivenUp = false

  const record = (target: Target, step: HandOverStep): void =>
    journal.record({ name: target.name, weights: target.weights, step, server: restart?.running() })

  const isUp = (): boolean => {
    const last = journal.last()
    return restart === undefined || (restart.running() !== undefined && last !== undefined && UP_STEPS.has(last.step))
  }

  /** Whether just these weights were put there and nobody has replaced them since. */
  const isServed = async (target: Target, signal: AbortSignal): Promise<boolean> => {
    const last = journal.last()
    const isLast = last?.weights === target.weights && last.name === target.name && last.step === 'proven'
    if (current ? current.target.weights !== target.weights : !isLast) return false
    const told = await Promise.all(engines.map((engine) => options.versionOf(engine, signal)))
    return told.every((version) => version === target.version || (version === undefined && current !== undefined))
  }

  /** What all engines call their weights, where somebody has named them. */
  const toldVersion = async (signal: AbortSignal): Promise<string | undefined> => {
    const [first, ...others] = await Promise.all(engines.map((engine) => options.versionOf(engine, signal)))
    return first !== UNNAMED && others.every((version) => version === first) ? first : undefined
  }

  /** Puts the weights into all engines. @throws ServerError where one does not take them; all stay paused */
  const load = async (target: Target, signal: AbortSignal): Promise<void> => {
    record(target, 'reloading')
    crashPoint('reload-intended')
    const how = { path: target.path, version: target.version, seconds: options.loadSeconds, signal }
    await Promise.all(engines.map((engine) => pauseEngine(engine, how)))
    crashPoint('engines-paused')
    await Promise.all(engines.map((engine) => loadWeights(engine, how)))
    crashPoint('weights-loaded')
    await Promise.all(engines.map((engine) => resumeEngine(engine, signal)))
    record(target, 'loaded')
    crashPoint('engines-resumed')
  }

  /** What training started from, where the engines are somebody else's and its directory is still there. */
  const startOf = (canary: Canary | undefined): Checkpoint | undefined =>
    restart || canary?.startedFrom === undefined ? undefined : options.checkpointOf(canary.startedFrom)

  const startFresh = async (target: Target, checkpoint: Checkpoint, signal: AbortSignal): Promise<void> => {
    await restart?.serve(checkpoint, signal)
    for (const engine of engines) await nameWeights(engine, target.version, signal)
    current = { target, isProven: true }
  }

  const startAgain = async (target: Target, checkpoint: Checkpoint, signal: AbortSignal): Promise<void> => {
    await restart?.release()
    await startFresh(target, checkpoint, signal)
  }

  const reload = async (checkpoint: Checkpoint, target: Target, signal: AbortSignal): Promise<void> => {
    const canary = options.canaryOf(checkpoint)
    const last = journal.last()
    // After a switch that was broken off nobody knows what is served; before the first one, what the engines were told by another
    // run, or what training started from.
    const wasKnown = current !== undefined || last === undefined || last.step === 'proven'
    const told = last === undefined && current === undefined ? await toldVersion(signal) : undefined
    const found = last ? (last.weights.split(' ')[0] ?? '') : (told ?? canary?.startedFrom ?? '')
    current = undefined
    // Without a server of our own to compare with, only what training started from can show how far server and trainer are apart.
    const start = wasKnown && found === canary?.startedFrom ? undefined : startOf(canary)
    if (start) await load(targetOf(start, options), signal)
    const [isKnown, served] = start ? [true, start.hash] : [wasKnown, found]
    const old = isKnown ? await proofs.readOld(canary, served, signal) : undefined
    try {
      await load(target, signal)
    } catch (error) {
      if (!(error instanceof ServerError) || !restart) throw error
      isGivenUp = true
      onNote(
        `The server does not take new weights while it runs, so it is started again for each checkpoint. ${error.message}`,
      )
      return await startAgain(target, checkpoint, signal)
    }
    const now = await proofs.readNow(canary, signal)
    const change: Switch = { canary, old, now, isTied: options.isTied(checkpoint) }
    const proof = proofs.judge(change)
    if (proof === 'proven' || !restart) {
      if (proof === 'refuted') throw refutedElsewhere(target, proofs.gapToTrainer(change))
      if (proof !== 'proven') onNote(UNPROVEN[proof])
      current = { target, isProven: proof === 'proven' }
      if (proof === 'proven') record(target, 'proven')
      return
    }
    await startAgain(target, checkpoint, signal)
    const { isSame, gap } = await proofs.compareWithStart(change, signal)
    isGivenUp = !isSame
    onNote(wordOfComparison(isSame, proof, gap))
  }

  return {
    async serve(checkpoint, signal) {
      const target = targetOf(checkpoint, options)
      const serving = (proven: boolean) => ({ baseURL: options.baseURL, model: target.name, proven })
      if (!isUp()) {
        await startFresh(target, checkpoint, signal)
        return serving(true)
      }
      if (!restart && options.isTrial) return serving(false)
      if (await isServed(target, signal)) {
        current ??= { target, isProven: true }
        return serving(current.isProven)
      }
      if (!restart && checkpoint.iteration < 0 && (await areAsStarted(options, target.version, signal))) {
        // Somebody else has started them, and says that they hold the base.
        const roots = await Promise.all(engines.map((engine) => options.rootOf(engine, signal)))
        for (const engine of engines) await nameWeights(engine, target.version, signal)
        current = { target, isProven: roots.every((root) => isStartedOn(root, target.path)) }
        return serving(current.isProven)
      }
      if (isGivenUp) await startAgain(target, checkpoint, signal)
      else await reload(checkpoint, target, signal)
      crashPoint('reload-proven')
      return serving(current?.isProven ?? false)
    },
    release: async () => {
      current = undefined
      await restart?.release()
    },
    freeDevices: async (signal) => {
      current = undefined
      await restart?.freeDevices(signal)
    },
  }
}

function targetOf(checkpoint: Checkpoint, { locate, model }: ReloadOptions): Target {
  const path = locate(checkpoint)
  return { name: model, weights: weightsOf(checkpoint, path), path, version: checkpoint.hash }
}

/** vLLM's word where nobody has named a version. */
const UNNAMED = 'default'

/** Whether nobody has given them other weights: without a name, or under the name that another run's beginning gave them. */
async function areAsStarted(
  { engines, journal, versionOf }: ReloadOptions,
  base: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (journal.last() !== undefined) return false
  const told = await Promise.all(engines.map((engine) => versionOf(engine, signal)))
  return told.every((version) => version === undefined || version === UNNAMED || version === base)
}

const UNPROVEN = {
  unmoved:
    'The engines answer after the reload exactly as before it, and so would the new weights by the trainer’s word: nothing proves that they are there.',
  coarse:
    "The engines answer as the new weights would, but for rounding that would hide an output layer left behind; it is the embeddings' own in this model, and has stayed behind elsewhere (docs/servers.md).",
  unknown:
    'Nothing proves which weights the engines hold after the reload: the trainer writes no canary that starts from what they served (docs/servers.md).',
} as const satisfies Partial<Record<Proof, string>>

function refutedElsewhere(target: Target, gap: number): ServerError {
  return new ServerError(
    `The engines took ${target.path} but answer otherwise than it does (${gap.toPrecision(2)} nats a token from the trainer's own log-probabilities): some of the old weights are still in place; start the engines again on that directory, or use serve.kind: restart.`,
  )
}

function wordOfComparison(isSame: boolean, proof: Proof, gap: number): string {
  const apart = `${gap.toPrecision(2)} nats a token apart`
  if (!isSame) {
    return `Reloaded weights answered otherwise than those of a fresh start (${apart}): this server leaves old weights in place, so it is started again for each checkpoint. Nothing was sampled from them.`
  }
  const why =
    proof === 'refuted'
      ? " The trainer's own log-probabilities are farther away, and are compared by that distance from now on."
      : ''
  return `Reloaded weights answer as those of a fresh start do (${apart}); from now on the server continues running.${why}`
}
