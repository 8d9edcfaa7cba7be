/** Runs recipes/train_sft.py on tiny models, as processes of their own. Nothing is installed here. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
export const RECIPE = join(ROOT, 'recipes/train_sft.py')
/** The recipe for trainers of other people, and where each is installed. */
export const WITH_OTHERS = join(ROOT, 'recipes/train_with.py')
export const OTHER_TRAINERS = [
  { name: 'llamafactory', python: process.env.SPENDWISE_LLAMAFACTORY_PYTHON || undefined },
  { name: 'axolotl', python: process.env.SPENDWISE_AXOLOTL_PYTHON || undefined },
] as const
const VENV_PYTHON = join(ROOT, 'recipes/.venv/bin/python')
export const PYTHON = process.env.SPENDWISE_PYTHON ?? (existsSync(VENV_PYTHON) ? VENV_PYTHON : undefined)
export const ENV = { ...process.env, OMP_NUM_THREADS: '1', CUDA_VISIBLE_DEVICES: '' }
/** Imports alone take several seconds, and much longer next to other tests. */
export const TIMEOUT_MS = 1_800_000

/** Arguments: directory, type of the weights (of several the last, each rounding what it gets), `tied` or `untied`. A random llama over bytes, with a template that ends a turn by its end-of-text token and a line break. */
const MAKE_BASE = `
import sys
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

special = ["<|end|>", "<|user|>", "<|assistant|>", "<|pad|>"]
words = special + sorted(pre_tokenizers.ByteLevel.alphabet())
core = Tokenizer(models.BPE(vocab={word: token for token, word in enumerate(words)}, merges=[]))
core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
core.decoder = decoders.ByteLevel()
core.add_special_tokens(special)
template = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=core, eos_token="<|end|>", pad_token="<|pad|>", chat_template=template, model_max_length=128
)
set_seed(7)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=128, tie_word_embeddings=sys.argv[3] == "tied", bos_token_id=None, eos_token_id=0,
))
model.generation_config = GenerationConfig(eos_token_id=0, do_sample=True, temperature=0.7)
for name in sys.argv[2].split(","):
    model.to(getattr(torch, name))
model.save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
`

export interface SftEvent {
  readonly event: string
  readonly step?: number
  readonly loss?: number
  readonly rows?: number
  readonly message?: string
  readonly already?: boolean
  readonly kept?: boolean
  readonly prompt?: readonly number[]
  readonly completion?: readonly number[]
}

/** Still running, when a test has failed on the way. */
const children = new Set<ChildProcess>()

export const skipped = PYTHON === undefined ? ' (skipped: set SPENDWISE_PYTHON, or install recipes/.venv)' : ''

export function endChildren(): void {
  for (const child of children) child.kill('SIGKILL')
}

export function makeBase(
  directory: string,
  type: 'float32' | 'bfloat16' | 'bfloat16,float32' = 'float32',
  tying = 'tied',
): void {
  python(['-c', MAKE_BASE, directory, type, tying])
}

export function datasetText(rows: number): string {
  const row = (i: number) => ({
    prompt: [{ role: 'user', content: `${i}+${i + 1}?` }],
    completion: [{ role: 'assistant', content: `${i}+${i + 1}=${2 * i + 1}` }],
  })
  return Array.from({ length: rows }, (_, i) => `${JSON.stringify(row(i))}\n`).join('')
}

/** The recipe under torchrun, so many processes of one machine. */
export function underTorchrun(processes: number): string[] {
  return ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(processes), RECIPE]
}

/** Runs the recipe on the folder's base and dataset; a flag given as undefined stands alone. */
export async function recipe(
  folder: string,
  flags: Readonly<Record<string, string | undefined>>,
  onEvent: (event: SftEvent, child: ChildProcess) => void = () => {},
  program: readonly string[] = [RECIPE],
  executable = PYTHON,
): Promise<{ code: number | null; events: readonly SftEvent[] }> {
  const own = { 'base-model': join(folder, 'base'), dataset: join(folder, 'dataset.jsonl'), seed: '5' }
  const usual = { 'batch-size': '16', 'micro-batch-size': '4', epochs: '2', lr: '1e-3' }
  const given = Object.entries({ ...own, ...usual, ...flags })
  const args = given.flatMap(([name, value]) => (value === undefined ? [`--${name}`] : [`--${name}`, value]))
  const child = spawn(executable ?? '', [...program, ...args], { env: ENV, stdio: ['ignore', 'pipe', 'ignore'] })
  children.add(child)
  const exit = once(child, 'exit')
  const events: SftEvent[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('@@sft ')) continue
    const event = JSON.parse(line.slice('@@sft '.length)) as SftEvent
    events.push(event)
    onEvent(event, child)
  }
  const [code] = await exit
  children.delete(child)
  return { code, events }
}

/** The recipe, which gets a TERM after just this step: a signal from outside comes when it comes. */
export function terminatedAt(step: number): string[] {
  const text = `
import os, signal, sys
sys.path.insert(0, ${JSON.stringify(dirname(RECIPE))})
import train_sft
from sft import trainer as trainer_room
from transformers import TrainerCallback

class Terminate(TrainerCallback):
    def on_step_begin(self, args, state, control, **_):
        if state.global_step == ${step - 1}:
            os.kill(os.getpid(), signal.SIGTERM)

make_callback = trainer_room.make_callback

def make_callback_and_terminate(trainer, *others):
    trainer.add_callback(Terminate())
    return make_callback(trainer, *others)

trainer_room.make_callback = make_callback_and_terminate
train_sft.run_program(train_sft.main)
`
  return ['-c', text]
}

export function python(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(PYTHON ?? '', args, { env: ENV, encoding: 'utf8' })
  if (status !== 0) throw new Error(`python ended with ${status}: ${stderr}`)
  return stdout.trim()
}

export function weightsOf(checkpoint: string): string {
  return sha256(readFileSync(join(checkpoint, 'model.safetensors')))
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
