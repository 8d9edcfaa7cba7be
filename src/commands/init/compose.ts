/** A commented run.yaml from four answers: model, where it is served, GPUs, data. Pure. */

import { type FilledFlag, recipeFlags } from '../../core/placeholders.ts'
import type { ChosenData } from './data.ts'
import { billions, type Expected, gb, type Machine, type Sizes } from './fit.ts'

export interface Choices {
  /** Name of the run. */
  readonly name: string
  /** Directory of the weights (relative to run.yaml), or their name on the Hub. */
  readonly model: string
  readonly parameters: number | undefined
  /** Where somebody serves it already; undefined where spendwise starts vLLM. */
  readonly baseURL: string | undefined
  /** The name that it is served under. */
  readonly served: string
  readonly machine: Machine
  /** undefined where nothing is trained here. */
  readonly sizes: Sizes | undefined
  readonly expected: Expected | undefined
  readonly data: ChosenData
}

export function composeRun(choices: Choices): string {
  const { name, model, data } = choices
  const prompt = data.isGsm8k ? 'prompts/gsm8k-0shot.md' : 'prompts/math-0shot.md'
  return `${[
    `# Written by spendwise init; every key is explained in docs/config.md.`,
    `name: ${quoted(name)}`,
    `base: ${quoted(model)} # a directory in the Hugging Face format, or a name on the Hub`,
    '',
    'problems:',
    ...data.lines.map((line) => `  ${line}`),
    '',
    'prompt: # the same for the base and for all that follow it, so that format is not mistaken for skill',
    ...['sampling', 'training', 'evaluation'].map((role) => `  ${role}: ${prompt}`),
    '',
    ...sampleLines(choices),
    '',
    ...budgetLines(choices),
    '',
    ...trainLines(choices),
    '',
    ...serveLines(choices),
  ].join('\n')}\n`
}

function sampleLines({ baseURL, served }: Choices): string[] {
  return [
    'sample:',
    `  endpoints: [{ baseURL: ${quoted(baseURL ?? 'http://127.0.0.1:8000/v1')}, model: ${quoted(served)} }] # add apiKeyEnv: NAME for a key`,
    '  temperature: 0.7',
    '  maxTokens: 2048 # what is cut off is never accepted; a model that thinks at length needs more',
  ]
}

function budgetLines({ sizes, machine, expected }: Choices): string[] {
  if (!sizes || !expected) {
    return [
      'budget:',
      '  policy: { kind: constant, initial: 2048 } # accepted traces of the one iteration',
      '  iterations: 1',
      '  caps: { samples: 50000 } # stops cleanly here, whatever happens',
    ]
  }
  const { sample, train, iteration } = expected
  return [
    'budget:',
    '  policy: { kind: exponential, initial: 2048, growth: 2 } # 2048, 4096, 8192 accepted traces',
    '  iterations: 3 # a change of the served model costs minutes, so few and large iterations',
    '  caps: { samples: 200000 } # stops cleanly here, whatever happens',
    '  costs: # GPU-seconds; what is expected holds until it is measured: plan --pilot 200 measures it',
    '    unit: gpu-seconds',
    `    gpus: ${machine.gpus}`,
    `    expect: { sample: ${sample}, train: ${train}, iteration: ${iteration} }`,
  ]
}

/** As YAML's flow lists have them. */
function flags(...names: readonly FilledFlag[]): string {
  const words = recipeFlags(...names).map((word) => (word.startsWith('{') ? `"${word}"` : word))
  return `${words.join(', ')},`
}

const SHARDS = { copies: 'none', shards: 'full', lora: 'auto' } as const

function trainLines({ sizes, parameters, machine, model }: Choices): string[] {
  if (!sizes) {
    return [
      '# Samples, verifies and exports; continue with a checkpoint made elsewhere: spendwise run RUN.yaml --checkpoint MODEL',
      'train: none',
    ]
  }
  const { way, needs, batch, lr } = sizes
  const method = way === 'lora' ? '--method, lora, --lora-r, "32", --merge,' : flags('optimizerState')
  const size = parameters === undefined ? model : `${billions(parameters)} billion parameters`
  return [
    'train:',
    '  kind: command',
    "  # one process a GPU; make recipes/.venv as recipes/README.md says, apart from vLLM's own environment",
    `  command: [recipes/.venv/bin/torchrun, --standalone, --nproc-per-node, "${machine.gpus}", --shutdown-timeout, "{stopSeconds}",`,
    `    recipes/train_sft.py, ${flags('base')}`,
    `    ${flags('dataset', 'sha256', 'output', 'epochs')}`,
    `    ${flags('steps', 'batch', 'lr', 'lrEnd', 'warmup')}`,
    `    ${method} ${flags('shard', 'master')}`,
    `    ${flags('templateKwargs')} --seed, "{seed}"]`,
    `  batch: ${batch} # traces in a step, over all GPUs; 2048 traces are ${Math.ceil(2048 / batch)} steps`,
    `  lr: ${lr.toExponential(1).replace('e-', 'e-')} # docs/presets.md says what that moves`,
    '  warmupSteps: 4',
    `  shard: ${SHARDS[way]} # ${size} on ${machine.gpus} x ${gb(machine.gpuBytes)}: ${gb(needs.copies)} a GPU with a copy on each, ${gb(needs.shards)} shared, ${gb(needs.lora)} with adapters`,
  ]
}

function serveLines({ baseURL, sizes }: Choices): string[] {
  if (baseURL !== undefined) {
    if (!sizes) return ['serve: external # whoever runs the server serves what the endpoint names']
    return [
      'serve:',
      '  kind: external # the run stops after each training until the checkpoint is served: run RUN.yaml --checkpoint MODEL',
      '  wait: true # kind: reload or lora put checkpoints into a running vLLM instead (docs/servers.md)',
    ]
  }
  const { tensorParallel = 1, dataParallel = 1 } = sizes ?? {}
  const parallel = [
    ...(tensorParallel > 1 ? ['--tensor-parallel-size', `"${tensorParallel}"`] : []),
    ...(dataParallel > 1 ? ['--data-parallel-size', `"${dataParallel}"`] : []),
  ]
  return [
    'serve:',
    '  kind: restart',
    '  share: train # vLLM and the trainer take turns on the same GPUs',
    '  readySeconds: 1200 # large models load for a long time',
    '  command: [vllm, serve, "{checkpoint}", --served-model-name, "{name}", --host, 127.0.0.1, --port, "{port}",',
    `    ${['--generation-config', 'vllm', ...parallel].join(', ')}]`,
    '  memory: # neither starts before every GPU is below this',
    '    command: [nvidia-smi, --query-gpu=memory.used, "--format=csv,noheader,nounits"]',
    '    belowMib: 1024',
    '    seconds: 120',
  ]
}

/** As YAML takes it: any text, on one line. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) && /[A-Za-z]/.test(text) ? text : JSON.stringify(text)
}
