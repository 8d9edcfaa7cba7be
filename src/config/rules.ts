/** Rules between keys, asked of the file as written, so that they are reported together with all other faults. */

import { formulaOf } from '../core/budget/formulas.ts'
import { fleetRules } from './fleet-rules.ts'
import { gateRules } from './gate-rules.ts'
import { reloadRules } from './reload-rules.ts'
import { shortLimit } from './slurm-time.ts'
import { isMapping, type Path, valueAt } from './tree.ts'

export interface Fault {
  readonly path: Path
  /** In place of "is VALUE". */
  readonly found?: string
  /** What is allowed, and what to write instead. */
  readonly sentence: string
  /** For a misspelt key, the one that was meant: that it is missing then goes without saying. */
  readonly meant?: Path | undefined
}

/** Kinds that are planned and not there yet, with what works today. */
const NOT_YET: { readonly [path: string]: { readonly [kind: string]: string } } = {
  'train.kind': {
    kubernetes:
      'Use kind: ray with a RayCluster of KubeRay, or kind: command with a program that creates the job and waits for it.',
  },
}

/** A planned kind's sentence, for a schema fault at its path. */
export function notYet(path: Path, value: unknown): string | undefined {
  const instead = typeof value === 'string' ? NOT_YET[path.join('.')]?.[value] : undefined
  return instead && `it is not there yet. ${instead}`
}

export function brokenRules(tree: unknown): Fault[] {
  if (!isMapping(tree)) return []
  return [sampleRules, hintRules, budgetRules, gateRules, trainRules, serveRules].flatMap((rule) => rule(tree))
}

function sampleRules(tree: unknown): Fault[] {
  const path = ['sample', 'endpoints']
  const endpoints = valueAt(tree, path)
  const count = Array.isArray(endpoints) ? endpoints.length : 0
  if (isEmbedded(tree)) {
    if (count === 0) return []
    return [{ path, sentence: 'the embedded model runs in this process. Remove endpoints, or use kind: openai.' }]
  }
  const kind = sampleKind(tree)
  if (valueAt(tree, ['serve', 'kind']) === 'fleet') return fleetRules(tree)
  if (kind === 'huggingface' && valueAt(tree, ['sample', 'api']) === 'completions') {
    return [
      {
        path: ['sample', 'api'],
        sentence:
          'Hugging Face is asked by chat. Write api: chat, or kind: openai for an endpoint with a completions route.',
      },
    ]
  }
  if (kind === 'openai' && typeof valueAt(tree, ['sample', 'provider']) === 'string') {
    return [
      {
        path: ['sample', 'provider'],
        sentence: 'only Hugging Face has providers. Remove it, or use kind: huggingface.',
      },
    ]
  }
  if (
    (kind !== 'openai' && kind !== 'huggingface') ||
    count > 0 ||
    (endpoints !== undefined && !Array.isArray(endpoints))
  )
    return []
  return [
    {
      path,
      found: endpoints ? 'is empty' : 'is missing',
      sentence: `kind ${String(kind)} needs at least one. Write for example endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }].`,
    },
  ]
}

function hintRules(tree: unknown): Fault[] {
  const share = valueAt(tree, ['rationalize', 'share'])
  if (typeof share !== 'number' || share === 0 || !isEmbedded(tree)) return []
  return [
    {
      path: ['rationalize', 'share'],
      sentence:
        'the embedded model cannot read a hint: it only speaks its own templates. Remove it, or use kind: openai.',
    },
  ]
}

function budgetRules(tree: unknown): Fault[] {
  const faults: Fault[] = []
  const batchSize = valueAt(tree, ['budget', 'batchSize'])
  const unit = valueAt(tree, ['budget', 'unit']) ?? 'accepted'
  if (unit === 'batches' && batchSize === undefined) {
    faults.push({
      path: ['budget', 'unit'],
      sentence: 'it needs to know how many traces a batch has. Write for example batchSize: 256.',
    })
  }
  if (unit !== 'batches' && batchSize !== undefined) {
    faults.push({
      path: ['budget', 'batchSize'],
      sentence: 'it belongs to unit: batches only. Remove it, or write unit: batches.',
    })
  }
  if (valueAt(tree, ['budget', 'ratioOf']) === 'accepted' && unit === 'sampled') {
    faults.push({
      path: ['budget', 'ratioOf'],
      sentence: 'unit: sampled does not say how many traces are accepted. Write unit: accepted, or ratioOf: prompts.',
    })
  }
  faults.push(...decidedRules(tree), ...priceRules(tree))
  const last = lastTarget(tree)
  if (last !== undefined && last > Number.MAX_SAFE_INTEGER) {
    faults.push({
      path: ['budget', 'iterations'],
      sentence: `the last iteration would ask for ${last.toExponential(1)} ${unit}, which no machine can count. Write fewer iterations or slower growth.`,
    })
  }
  return faults
}

/** Policies that decide again before each iteration: what they need, and what cannot be laid out beforehand. */
function decidedRules(tree: unknown): Fault[] {
  const kind = valueAt(tree, ['budget', 'policy', 'kind'])
  if (kind !== 'adaptive' && kind !== 'auto') return []
  const faults: Fault[] = []
  const gate = valueAt(tree, ['problems', 'gate'])
  if (kind === 'adaptive' && !(Array.isArray(gate) && gate.length > 0)) {
    faults.push({
      path: ['budget', 'policy', 'kind'],
      sentence:
        'adaptive goes by the gate split, and problems.gate is empty. Write problems.gate, or use kind: exponential.',
    })
  }
  if (kind === 'auto' && typeof valueAt(tree, ['budget', 'cost']) !== 'number') {
    faults.push({
      path: ['budget', 'policy', 'kind'],
      sentence: 'the planner solves for a cost. Write budget.cost, in the unit of budget.costs, or a growth.',
    })
  }
  if (valueAt(tree, ['budget', 'unit']) === 'sampled') {
    faults.push({
      path: ['budget', 'unit'],
      sentence: `kind: ${kind} counts accepted traces. Write unit: accepted or batches.`,
    })
  }
  if (typeof valueAt(tree, ['budget', 'total']) === 'number') {
    faults.push({
      path: ['budget', 'total'],
      sentence: `kind: ${kind} is not known beforehand. Remove it; budget.cost and caps still hold.`,
    })
  }
  if (valueAt(tree, ['train', 'lrSchedule']) === 'run-decay' && valueAt(tree, ['train', 'steps']) === undefined) {
    faults.push({
      path: ['train', 'lrSchedule'],
      sentence: `kind: ${kind} is not known beforehand, so a rate cannot be laid over it. Write steps, or run-constant.`,
    })
  }
  return faults
}

/** n_t of such a policy depends on what the run measures, and so must everything that is laid out beforehand. */
function priceRules(tree: unknown): Fault[] {
  const kind = String(valueAt(tree, ['budget', 'policy', 'kind']))
  if (!formulaOf(kind)?.followsPrices) return []
  const faults: Fault[] = []
  const costs = valueAt(tree, ['budget', 'costs'])
  if (isMapping(costs) && costs.sample === 0 && costs.train === 0) {
    faults.push({
      path: ['budget', 'costs'],
      sentence: `a ${kind} policy needs a price above 0. Write sample or train, or use kind: exponential.`,
    })
  }
  if (valueAt(tree, ['budget', 'unit']) === 'sampled') {
    faults.push({
      path: ['budget', 'unit'],
      sentence: `a ${kind} policy counts accepted traces. Write unit: accepted or batches.`,
    })
  }
  if (typeof valueAt(tree, ['budget', 'total']) === 'number') {
    faults.push({
      path: ['budget', 'total'],
      sentence: `a ${kind} policy is not known beforehand. Remove it, or use kind: exponential; caps still hold.`,
    })
  }
  if (valueAt(tree, ['train', 'lrSchedule']) === 'run-decay' && valueAt(tree, ['train', 'steps']) === undefined) {
    faults.push({
      path: ['train', 'lrSchedule'],
      sentence: `a ${kind} policy is not known beforehand, so a rate cannot be laid over it. Write steps, or run-constant.`,
    })
  }
  return faults
}

/** n_t of the last iteration, where the policy can be read and nothing ends the run before. */
function lastTarget(tree: unknown): number | undefined {
  if (typeof valueAt(tree, ['budget', 'cost']) === 'number') return undefined
  const policy = valueAt(tree, ['budget', 'policy'])
  const iterations = valueAt(tree, ['budget', 'iterations']) ?? 5
  if (!isMapping(policy) || typeof policy.initial !== 'number' || typeof iterations !== 'number') return undefined
  const formula = formulaOf(String(policy.kind))
  const parameter = formula?.parameter && policy[formula.parameter.name]
  if (!formula || typeof parameter !== 'number') return undefined
  return formula.at(policy.initial, parameter, iterations - 1, 1)
}

function trainRules(tree: unknown): Fault[] {
  const faults: Fault[] = []
  const isInverse = valueAt(tree, ['train', 'lrSchedule']) === 'run-inverse-time'
  if (isInverse !== (valueAt(tree, ['train', 'tau']) !== undefined)) {
    faults.push({
      path: ['train', isInverse ? 'lrSchedule' : 'tau'],
      sentence: isInverse
        ? 'it needs to know how fast. Write tau, the iterations after which the rate is halved, for example tau: 20.'
        : 'only lrSchedule: run-inverse-time has one. Write that, or remove it.',
    })
  }
  const train = valueAt(tree, ['train'])
  if (!isMapping(train)) return faults
  if (train.epochs !== undefined && train.steps !== undefined) {
    faults.push({
      path: ['train', 'steps'],
      sentence: `epochs is ${String(train.epochs)} as well, and only one of them can hold. Remove one: epochs follow the data, steps stay the same.`,
    })
  }
  if (train.kind === 'embedded' && !isEmbedded(tree)) {
    faults.push({
      path: ['train', 'kind'],
      sentence: `it trains the embedded model only, and sample.kind is ${JSON.stringify(sampleKind(tree))}. Use kind: command, or sample.kind: embedded.`,
    })
  }
  if (train.kind === 'openai' && train.steps !== undefined) {
    faults.push({
      path: ['train', 'steps'],
      sentence: 'fine-tuning jobs of an API are counted in epochs. Write epochs, and batch for the size of a step.',
    })
  }
  const short = train.kind === 'slurm' ? shortLimit(train) : undefined
  if (short !== undefined) faults.push({ path: ['train', 'time'], sentence: short })
  if (train.init === 'base' && train.optimizerState === 'keep') {
    faults.push({
      path: ['train', 'optimizerState'],
      sentence: 'init: base starts from weights that the kept state does not belong to. Write optimizerState: reset.',
    })
  }
  return faults
}

function serveRules(tree: unknown): Fault[] {
  const kind = valueAt(tree, ['serve', 'kind'])
  if (kind === 'embedded' && !isEmbedded(tree)) {
    return [
      {
        path: ['serve', 'kind'],
        sentence: `it serves the embedded model only, and sample.kind is ${JSON.stringify(sampleKind(tree))}. Use kind: restart or external.`,
      },
    ]
  }
  const endpoints = valueAt(tree, ['sample', 'endpoints'])
  if (kind === 'restart' && Array.isArray(endpoints) && endpoints.length > 1) {
    return [
      {
        path: ['serve', 'kind'],
        sentence: `it starts one server, and there are ${endpoints.length} endpoints, of which the others would stay on old weights. Keep one endpoint, or use kind: external.`,
      },
    ]
  }
  if (kind === 'reload' && !isEmbedded(tree)) return reloadRules(tree)
  if (
    kind === 'lora' &&
    valueAt(tree, ['train', 'kind']) === 'command' &&
    valueAt(tree, ['train', 'init']) !== 'base'
  ) {
    return [
      {
        path: ['serve', 'kind'],
        sentence:
          'an adapter is trained on the base that the server holds. Write train.init: base, or merge and use kind: restart.',
      },
    ]
  }
  if (typeof kind === 'string' && kind !== 'embedded' && isEmbedded(tree)) {
    return [
      { path: ['serve', 'kind'], sentence: 'sample.kind embedded is served in this process. Use kind: embedded.' },
    ]
  }
  return []
}

function sampleKind(tree: unknown): unknown {
  return valueAt(tree, ['sample', 'kind']) ?? 'openai'
}

function isEmbedded(tree: unknown): boolean {
  return sampleKind(tree) === 'embedded'
}
