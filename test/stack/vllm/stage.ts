/** What the parts with a real vLLM share: a server that somebody else looks after, looked at in turn, and runs against it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../../src/core/events.ts'
import { allHold, failed, type Outcome } from '../outcome.ts'
import { stackPython } from '../python.ts'
import { type Ended, freePort, openLoop, query, type RealLoop, recipeCommand } from '../real-loop.ts'
import {
  endOf,
  isPortFree,
  isRoomFor,
  processesOf,
  startVllm,
  type Vllm,
  type VllmSettings,
  whyNoVllm,
} from './server.ts'

export type Claim = readonly [string, boolean]
/** Absolute path of a program of the Python environment. */
export type Program = (name: string) => string

/** A server that answers, and what it was started on. */
export interface Base {
  readonly port: number
  /** Directory of its weights. */
  readonly model: string
  readonly program: Program
}

/** One look at a server that is there. */
export type Look = (base: Base, vllm: Vllm) => Promise<Claim[]>

/** Every draw is made here and now. */
const NO_CACHE = { SPENDWISE_NO_CACHE: '1' }

/** A server of its own, from its start to its end. */
type Piece = (program: Program) => Promise<Claim[]>

/** The claims of one part, where vLLM runs on this machine; its pieces at the same time where they have room. */
export async function vllmOutcome(...pieces: readonly Piece[]): Promise<Outcome> {
  const why = whyNoVllm()
  if (why !== undefined) return { kind: 'skipped', why }
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const claimsOf = (piece: Piece) => timed(piece.name, () => piece(python.program))
  if (isRoomFor(pieces.length)) return allHold((await Promise.all(pieces.map(claimsOf))).flat())
  const claims: Claim[] = []
  for (const piece of pieces) claims.push(...(await claimsOf(piece)))
  return allHold(claims)
}

/**
 * Starts one server, looks at it in turn, and ends it: a start takes most of a minute.
 * @param modelIn makes the directory of its weights in this folder
 */
export async function withVllm(
  settings: VllmSettings,
  modelIn: (folder: string) => string,
  looks: readonly Look[],
): Promise<Claim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-vllm-'))
  const [port, model] = [await freePort(), modelIn(folder)]
  const claims: Claim[] = []
  try {
    const vllm = await timed('a start', () => startVllm(settings, { model, name: 'base', port, folder }))
    try {
      for (const look of looks)
        claims.push(...(await timed(look.name, () => look({ port, model, program: settings.program }, vllm))))
    } catch (error) {
      claims.push([`nothing broke: ${wordsOf(error)}\n${endOf(vllm.log)}`, false])
    } finally {
      await vllm.stop()
      claims.push(['its port is free again', await isPortFree(port)])
      claims.push(['no process of it is left', processesOf(vllm.identity).length === 0])
    }
  } catch (error) {
    claims.push([wordsOf(error), false])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return claims
}

/** A run of this run.yaml, removed after the look. */
export async function withLoop(text: string, look: (loop: RealLoop) => Promise<Claim[]>): Promise<Claim[]> {
  const loop = openLoop(text, NO_CACHE)
  try {
    return await look(loop)
  } finally {
    loop.remove()
  }
}

export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  try {
    return await work()
  } finally {
    console.error(`vllm: ${name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
}

const PROBLEMS = `problems:
  train: [{ dataset: steps, level: main, count: 400 }]
  evaluate: [{ dataset: steps, level: main, count: 40 }]
evaluate: { greedy: false }
`

/** How a run differs from the next one. */
export interface Differences {
  /** More keys of `sample`. */
  readonly sample: string
  readonly serve: string
  /** More keys of `train`. */
  readonly train?: string
  /** More arguments of the recipe. */
  readonly recipe?: Readonly<Record<string, string>>
  /** More lines. */
  readonly more?: string
}

/** Two iterations of thirty traces, trained by TRL. */
export function runYaml({ port, model, program }: Base, run: Differences): string {
  const command = JSON.stringify([program('python'), ...recipeCommand(run.recipe)])
  return `name: small
base: ${model}
${PROBLEMS}sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: 64, ${run.sample} }
budget: { policy: { kind: constant, initial: 30 }, iterations: 2 }
train: { kind: command, command: ${command}, env: { OMP_NUM_THREADS: "1" }, batch: 10, epochs: 4, lr: 1.0e-4${run.train ? `, ${run.train}` : ''} }
serve: ${run.serve}
${run.more ?? ''}`
}

/** The moment at which a run has drawn some completions for this purpose. */
export const sampled =
  (purpose: string, iteration = 0) =>
  (event: RunEvent): boolean =>
    event.kind === 'sampling' && event.purpose === purpose && event.iteration >= iteration && event.sampled > 3

/** Two reloads, each proven, and nothing else. */
export const RELOADS = 'reloading,loaded,proven,reloading,loaded,proven'

/** The steps of a run's hand-overs, in order. */
export function stepsOf(loop: RealLoop): string[] {
  return query<{ step: string }>(loop, 'select step from hand_over order by id').map(({ step }) => step)
}

/** Milliseconds of each reload, from the intention until its proof. */
export function reloadTimes(loop: RealLoop): number[] {
  const steps = query<{ step: string; at: number }>(loop, 'select step, at from hand_over order by id')
  return steps.flatMap(({ step, at }, i) => (step === 'proven' ? at - (steps[i - 2]?.at ?? at) : []))
}

/** How a command ended, and the end of what it said. */
export function ended({ code, signal, stderr }: Ended): string {
  return `${code ?? signal}: ${stderr.trim().split('\n').slice(-4).join(' | ')}`
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
