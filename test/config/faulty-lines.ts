/** A run.yaml without a fault, and lines of it that are written wrongly, each with the sentence that it gets. */

export const VALID = `problems:
  train:
    - dataset: gsm8k
      path: train.jsonl
sample:
  endpoints:
    - baseURL: http://127.0.0.1:8000/v1
      model: base
budget:
  policy:
    kind: exponential
    initial: 256
    growth: 2
`

/** What stands in VALID, what is written in its place, and what is said of it. */
export const FAULTY_LINES: readonly (readonly [was: string | RegExp, is: string, sentence: string])[] = [
  [
    'growth: 2',
    'growth: 0.8',
    'run.yaml:13  budget.policy.growth is 0.8; exponential growth must be above 1. Use kind: constant to keep it flat.',
  ],
  [
    'kind: exponential',
    'kind: exponentail',
    'run.yaml:11  budget.policy.kind is "exponentail"; it must be constant, polynomial, exponential, cost-aware, adaptive or auto. Write kind: exponential.',
  ],
  [
    'initial: 256',
    'initial: many',
    'run.yaml:12  budget.policy.initial is "many"; it must be a number. Write for example initial: 256.',
  ],
  [
    'initial: 256',
    'initial: "256"',
    'run.yaml:12  budget.policy.initial is "256"; it must be a number. Write initial: 256, without quotes.',
  ],
  [
    'initial: 256',
    'initial: 1.5',
    'run.yaml:12  budget.policy.initial is 1.5; it must be a whole number. Write for example initial: 256.',
  ],
  [
    'initial: 256',
    'initial:',
    'run.yaml:12  budget.policy.initial is empty; it must be a number. Write for example initial: 256.',
  ],
  [
    '    initial: 256\n',
    '',
    'run.yaml:10  budget.policy.initial is missing; it must be a number. Write for example initial: 256.',
  ],
  [
    'dataset: gsm8k',
    'dataset: gsm9k',
    'run.yaml:3  problems.train.0.dataset is "gsm9k"; it must be gsm8k, math, svamp, asdiv, jsonl, csv, parquet, hub, numina-1.5, dapo, dapo-processed, big-math, open-math-reasoning, deepscaler, skywork, aime-2025, hmmt-2025, olympiad, symbolic or steps. Write dataset: gsm8k.',
  ],
  [
    '      path: train.jsonl\n',
    '',
    'run.yaml:3  problems.train.0.path is missing; it must be text. Write for example path: data/gsm8k/train.jsonl.',
  ],
  [
    'path: train.jsonl',
    'path: train.jsonl\n      take: last500',
    'run.yaml:5  problems.train.0.take is "last500"; it must be first-N, last-N or N..M. Write for example take: last-500.',
  ],
  [
    'path: train.jsonl',
    'path: train.jsonl\n      level: P1',
    'run.yaml:5  problems.train.0.level is not a key; it belongs to dataset math, dataset asdiv, dataset jsonl, dataset csv, dataset parquet, dataset hub, dataset numina-1.5, dapo, dapo-processed, big-math, open-math-reasoning, deepscaler, skywork, aime-2025, hmmt-2025, olympiad, dataset symbolic or dataset steps. Remove it, or change that.',
  ],
  [
    'sample:\n',
    'sample:\n  temprature: 1\n',
    'run.yaml:6  sample.temprature is not a key; did you mean temperature? Write temperature instead.',
  ],
  [
    'budget:\n',
    'temperature: 1\nbudget:\n',
    'run.yaml:9  temperature is not a key; it belongs under sample or under evaluate. Move it there.',
  ],
  [
    'budget:\n',
    'budget:\n  xyz: 1\n',
    'run.yaml:10  budget.xyz is not a key; budget has policy, unit, batchSize, iterations, total, allocation, ratioOf, posterior, wave, cost, mergeLast, caps, costs, timeSeconds. Remove it, or write one of these.',
  ],
  [
    'sample:\n',
    'sample:\n  concurrency: 0\n',
    'run.yaml:6  sample.concurrency is 0; it must be at least 1. Leave it out for auto.',
  ],
  ['sample:\n', 'sample:\n  topP: 1.5\n', 'run.yaml:6  sample.topP is 1.5; it must be at most 1. Leave it out for 1.'],
  [
    'http://127.0.0.1:8000/v1',
    '127.0.0.1:8000',
    'run.yaml:7  sample.endpoints.0.baseURL is "127.0.0.1:8000"; it must be an http or https URL without a user or password. Write for example baseURL: "http://127.0.0.1:8000/v1".',
  ],
  [
    'http://127.0.0.1:8000/v1',
    'http://127.0.0.1:8000/v1/chat/completions',
    'run.yaml:7  sample.endpoints.0.baseURL is "http://127.0.0.1:8000/v1/chat/completions"; it is the address of a route and not the root of the API. Write baseURL: "http://127.0.0.1:8000/v1".',
  ],
  [
    'http://127.0.0.1:8000/v1',
    'http://gpu:11434/api/generate',
    'run.yaml:7  sample.endpoints.0.baseURL is "http://gpu:11434/api/generate"; it is the address of a route and not the root of the API. Write baseURL: "http://gpu:11434/v1".',
  ],
  [
    /endpoints:.*model: base/s,
    'endpoints: []',
    'run.yaml:6  sample.endpoints is empty; kind openai needs at least one. Write for example endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }].',
  ],
  [
    'sample:\n',
    'sample:\n  kind: huggingface\n  api: completions\n',
    'run.yaml:7  sample.api is "completions"; Hugging Face is asked by chat. Write api: chat, or kind: openai for an endpoint with a completions route.',
  ],
  [
    'sample:\n',
    'sample:\n  provider: together\n',
    'run.yaml:6  sample.provider is "together"; only Hugging Face has providers. Remove it, or use kind: huggingface.',
  ],
  [
    'sample:\n',
    'sample:\n  kind: embedded\n',
    'run.yaml:7  sample.endpoints is a list; the embedded model runs in this process. Remove endpoints, or use kind: openai.',
  ],
  [
    'budget:\n',
    'train: { kind: slurm, command: [sft, "{dataset}", "{output}"], arguments: [--qos=low, low] }\nbudget:\n',
    'run.yaml:9  train.arguments.1 is "low"; it must be an option of sbatch. Write for example --qos=low.',
  ],
  [
    'budget:\n',
    'train: { kind: slurm, command: [sft, "{dataset}", "{output}"], time: "01:30" }\nbudget:\n',
    'run.yaml:9  train.time is "01:30"; it is 90 s, and a job saves and stops 90 s (train.stopSeconds) before it. Write a longer time, or a shorter stopSeconds.',
  ],
  [
    'budget:\n',
    'train: { kind: ray, address: "http://head:8265", nodes: 2, command: [sft, "{dataset}", "{output}"] }\nbudget:\n',
    'run.yaml:9  train.nodes is 2; a job through Ray is on one machine. Use kind: slurm for several.',
  ],
  [
    'budget:\n',
    'train: kubernetes\nbudget:\n',
    'run.yaml:9  train.kind is "kubernetes"; it is not there yet. Use kind: ray with a RayCluster of KubeRay, or kind: command with a program that creates the job and waits for it.',
  ],
  [
    'budget:\n',
    'train: { kind: command, command: [sft, "{dataset}", "{output}"] }\nserve: lora\nbudget:\n',
    'run.yaml:10  serve.kind is "lora"; an adapter is trained on the base that the server holds. Write train.init: base, or merge and use kind: restart.',
  ],
  [
    'budget:\n',
    'train: embedded\nbudget:\n',
    'run.yaml:9  train.kind is "embedded"; it trains the embedded model only, and sample.kind is "openai". Use kind: command, or sample.kind: embedded.',
  ],
  [
    'budget:\n',
    'serve: embedded\nbudget:\n',
    'run.yaml:9  serve.kind is "embedded"; it serves the embedded model only, and sample.kind is "openai". Use kind: restart or external.',
  ],
  [
    'budget:\n',
    'train:\n  kind: none\n  epochs: 2\n  steps: 25\nbudget:\n',
    'run.yaml:12  train.steps is 25; epochs is 2 as well, and only one of them can hold. Remove one: epochs follow the data, steps stay the same.',
  ],
  [
    'budget:\n',
    'train:\n  kind: none\n  init: base\n  optimizerState: keep\nbudget:\n',
    'run.yaml:12  train.optimizerState is "keep"; init: base starts from weights that the kept state does not belong to. Write optimizerState: reset.',
  ],
  [
    'budget:\n',
    'train: { kind: none, data: last-0 }\nbudget:\n',
    'run.yaml:9  train.data is "last-0"; it must be latest, all or last-k. Write for example data: last-3.',
  ],
  [
    'budget:\n',
    'train:\n  kind: command\n  command: [sft, "{data}", "{dataset}", "{output}"]\nbudget:\n',
    'run.yaml:11  train.command.1 is "{data}"; {data} is not a placeholder. Write one of {base} {dataset} {sha256} {output} {seed} {epochs} {steps} {batch} {lr} {lrEnd} {warmup} {optimizerState} {shard} {master} {templateKwargs} {stopSeconds} {iteration} {name}.',
  ],
  [
    'budget:\n',
    'train:\n  kind: command\n  command: [sft, "{dataset}"]\nbudget:\n',
    'run.yaml:11  train.command is a list; it must say where {output} goes. Add it as an argument of the program.',
  ],
  [
    'budget:\n',
    'serve:\n  kind: restart\n  command: [vllm]\nbudget:\n',
    'run.yaml:11  serve.command is a list; it must say where {checkpoint} goes. Add it as an argument of the program.',
  ],
  [
    'budget:\n',
    '    - { baseURL: "http://127.0.0.1:8001/v1", model: base }\nserve: { kind: restart, command: [vllm, "{checkpoint}", "{name}"] }\nbudget:\n',
    'run.yaml:10  serve.kind is "restart"; it starts one server, and there are 2 endpoints, of which the others would stay on old weights. Keep one endpoint, or use kind: external.',
  ],
  [
    'budget:\n',
    'budget:\n  unit: batches\n',
    'run.yaml:10  budget.unit is "batches"; it needs to know how many traces a batch has. Write for example batchSize: 256.',
  ],
  [
    'budget:\n',
    'budget:\n  batchSize: 8\n',
    'run.yaml:10  budget.batchSize is 8; it belongs to unit: batches only. Remove it, or write unit: batches.',
  ],
  [
    'budget:\n',
    'budget:\n  iterations: 60\n',
    'run.yaml:10  budget.iterations is 60; the last iteration would ask for 1.5e+20 accepted, which no machine can count. Write fewer iterations or slower growth.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  costs: { sample: 0, train: 0 }\n',
    'run.yaml:14  budget.costs is a map; a cost-aware policy needs a price above 0. Write sample or train, or use kind: exponential.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  unit: sampled\n',
    'run.yaml:14  budget.unit is "sampled"; a cost-aware policy counts accepted traces. Write unit: accepted or batches.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  total: 9000\n',
    'run.yaml:14  budget.total is 9000; a cost-aware policy is not known beforehand. Remove it, or use kind: exponential; caps still hold.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: euros }\n',
    'run.yaml:10  budget.costs.unit is "euros"; it must be prices, samples, tokens, gpu-seconds, money or flops. Write one of these.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: tokens, gpus: 8 }\n',
    'run.yaml:10  budget.costs.gpus is not a key; it belongs to unit gpu-seconds or unit money. Remove it, or change that.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: money }\n',
    'run.yaml:10  budget.costs.perGpuHour is missing; it must be a number. Write for example perGpuHour: 2.5.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: cheap\n',
    'run.yaml:10  budget.costs is "cheap"; it must be measured or a map of keys. Leave it out for the defaults.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { sample: -1 }\n',
    'run.yaml:10  budget.costs.sample is -1; it must be at least 0. Leave it out for 1.',
  ],
  [
    'budget:\n',
    'gate:\nbudget:\n',
    'run.yaml:9  gate is empty; it must be a map of keys. Leave it out for the defaults.',
  ],
  [
    'problems:\n',
    'name: ../up\nproblems:\n',
    'run.yaml:1  name is "../up"; it names a folder, so it must be letters, digits, dots, dashes and underscores, starting with a letter or digit. Write for example name: gsm8k-exponential.',
  ],
]
