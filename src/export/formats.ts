/** Dataset formats: how one row of an export is written, and the columns it has in Parquet. */

import { StoreError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'

/** A problem as trainers that sample for themselves (GRPO and its kin) take it. */
export interface ExportProblem {
  readonly id: string
  readonly source: string
  /** Place among the train problems of the run, from 0. */
  readonly index: number
  /** As the run's problems have it. */
  readonly gold: string
  /** Share of the run's completions that are correct; null where it was never asked. */
  readonly solveRate: number | null
}

/** What an export needs of a trace: the training prompt as rendered, and the completion as sampled. */
export interface ExportRow {
  /** How the model was asked: the text of a `completions` prompt continues with the completion. Default: chat. */
  readonly api?: 'chat' | 'completions'
  readonly prompt: readonly Message[]
  readonly completion: string
  /** The server's ids of the completion, its end of text included; written next to it by the formats that a recipe reads. */
  readonly completionIds?: readonly number[] | undefined
  /** Of a preference pair: an incorrect completion of the same problem. */
  readonly rejected?: string | undefined
  /** As the server's tokenizer has them; undefined where the server did not tell. Read only by the format that writes them. */
  readonly tokens?: () => RowTokens | undefined
  /** Whether it was drawn with the answer as a hint; written only into files that say so of every row. */
  readonly hinted?: boolean | undefined
  /** Of a judged trace: whether it is correct. */
  readonly label?: boolean | undefined
  /** Of a row that is a problem: the completion is empty then. */
  readonly problem?: ExportProblem | undefined
}

export interface RowTokens {
  /** Of the prompt that was sampled from, which may be another than the one that is trained on. */
  readonly prompt: readonly number[] | undefined
  readonly completion: readonly number[]
}

export const ROW_KINDS = ['accepted', 'pairs', 'labelled'] as const
/** `accepted` traces; `pairs` of a correct and an incorrect one of a problem; both, each `labelled`. */
export type RowKind = (typeof ROW_KINDS)[number]

export const COLUMN_TYPES = [
  'text',
  'boolean',
  'messages',
  'message',
  'turns',
  'history',
  'ids',
  'share',
  'reward',
  'extra',
] as const
/**
 * `messages`: role and content; `turns` (and one `message`): from and value, as ShareGPT has them; `history`: pairs of texts; `share`: a
 * number or null; `reward` and `extra`: the two structures of verl.
 */
export type ColumnType = (typeof COLUMN_TYPES)[number]

export interface FormatSpec {
  /** `problems` of the train split, without any completion. */
  readonly rows: RowKind | 'problems'
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly object: (row: ExportRow) => object
}

/** Format name to its rows; the names are those of `export --format`. */
export const FORMATS = {
  /** TRL's and OpenAI's conversational format: the whole dialogue. */
  messages: {
    rows: 'accepted',
    columns: { messages: 'messages' },
    object: (row) => ({ messages: [...row.prompt, assistant(row.completion)] }),
  },
  /** Prompt and completion apart, so that a trainer knows what the loss is on. */
  'prompt-completion': {
    rows: 'accepted',
    columns: { prompt: 'messages', completion: 'messages' },
    object: (row) => ({ prompt: row.prompt, completion: [assistant(row.completion)], ...idsOf(row) }),
  },
  /** The same as texts, without roles and without a chat template: what base models are trained on. */
  'prompt-completion-text': {
    rows: 'accepted',
    columns: { prompt: 'text', completion: 'text' },
    object: (row) => ({ prompt: plainText({ ...row, completion: '' }), completion: row.completion, ...idsOf(row) }),
  },
  sharegpt: {
    rows: 'accepted',
    columns: { conversations: 'turns' },
    object: (row) => ({ conversations: [...row.prompt, assistant(row.completion)].map(turn) }),
  },
  alpaca: {
    rows: 'accepted',
    columns: { instruction: 'text', input: 'text', output: 'text', system: 'text', history: 'history' },
    object: (row) => ({ ...instruction(row.prompt), output: row.completion, ...before(row.prompt) }),
  },
  /** Plain text, for base models: what was asked and what came, without roles. */
  text: {
    rows: 'accepted',
    columns: { text: 'text' },
    object: (row) => ({ text: plainText(row) }),
  },
  /** TRL's conversational preference format. */
  dpo: {
    rows: 'pairs',
    columns: { prompt: 'messages', chosen: 'messages', rejected: 'messages' },
    object: (row) => ({
      prompt: row.prompt,
      chosen: [assistant(row.completion)],
      rejected: [assistant(row.rejected ?? '')],
    }),
  },
  /** TRL's unpaired preference format. */
  kto: {
    rows: 'labelled',
    columns: { prompt: 'messages', completion: 'messages', label: 'boolean' },
    object: (row) => ({ prompt: row.prompt, completion: [assistant(row.completion)], label: row.label ?? false }),
  },
  /** LLaMA-Factory's preference format. */
  'sharegpt-dpo': {
    rows: 'pairs',
    columns: { conversations: 'turns', chosen: 'message', rejected: 'message' },
    object: (row) => ({
      conversations: row.prompt.map(turn),
      chosen: turn(assistant(row.completion)),
      rejected: turn(assistant(row.rejected ?? '')),
    }),
  },
  /** LLaMA-Factory's unpaired preference format. */
  'sharegpt-kto': {
    rows: 'labelled',
    columns: { conversations: 'turns', label: 'boolean' },
    object: (row) => ({
      conversations: [...row.prompt, assistant(row.completion)].map(turn),
      label: row.label ?? false,
    }),
  },
  /** What was sampled, token by token: no tokenizer can read it otherwise. The loss is on the completion. */
  'token-ids': {
    rows: 'accepted',
    columns: { input_ids: 'ids', labels: 'ids' },
    object: tokenRow,
  },
  /** TRL's GRPOTrainer: it hands every column but the prompt to the reward functions, `solution` being what its accuracy_reward reads. */
  'grpo-trl': {
    rows: 'problems',
    columns: { prompt: 'messages', solution: 'text', solve_rate: 'share', source: 'text', problem: 'text' },
    object: (row) => {
      const { gold, solveRate, source, id } = problemOf(row)
      return { prompt: row.prompt, solution: gold, solve_rate: solveRate, source, problem: id }
    },
  },
  /** verl's: it scores by `data_source` and `reward_model`. */
  'grpo-verl': {
    rows: 'problems',
    columns: { data_source: 'text', prompt: 'messages', ability: 'text', reward_model: 'reward', extra_info: 'extra' },
    object: (row) => {
      const { gold, solveRate, source, id, index } = problemOf(row)
      return {
        data_source: source,
        prompt: row.prompt,
        ability: 'math',
        reward_model: { style: 'rule', ground_truth: gold },
        extra_info: { split: 'train', index, problem: id, solve_rate: solveRate },
      }
    },
  },
  /** NeMo RL's ResponseDataset, whose keys are `input` and `output` where nobody says others. */
  'grpo-nemo': {
    rows: 'problems',
    columns: { input: 'text', output: 'text', solve_rate: 'share', source: 'text', problem: 'text' },
    object: (row) => {
      const { gold, solveRate, source, id } = problemOf(row)
      const input = row.prompt.map(({ content }) => content).join('\n\n')
      return { input, output: gold, solve_rate: solveRate, source, problem: id }
    },
  },
} as const satisfies Record<string, FormatSpec>

export type ExportFormat = keyof typeof FORMATS
export const EXPORT_FORMATS = Object.keys(FORMATS) as readonly ExportFormat[]

/** Formats by name. A test may add one of its own. */
export type Formats = Readonly<Record<ExportFormat, FormatSpec>>

export function formatOf(name: ExportFormat, formats: Formats = FORMATS): FormatSpec {
  return formats[name]
}

/** One line of a dataset file, without its line break. The completion stands in it byte for byte. */
export function exportLine(format: ExportFormat, row: ExportRow, formats: Formats = FORMATS): string {
  return JSON.stringify(formatOf(format, formats).object(row))
}

function problemOf({ problem }: ExportRow): ExportProblem {
  if (!problem) throw new Error('this format is one of problems, and the row holds none')
  return problem
}

/** A format with the column `hinted` behind its own. */
export function markingHinted(spec: FormatSpec): FormatSpec {
  return {
    rows: spec.rows,
    columns: { ...spec.columns, hinted: 'boolean' },
    object: (row) => ({ ...spec.object(row), hinted: row.hinted ?? false }),
  }
}

/** Labels that trainers leave out of the loss. */
const IGNORED = -100

/** @throws StoreError where the server did not tell its token ids */
function tokenRow({ tokens }: ExportRow): object {
  const { prompt, completion } = tokens?.() ?? {}
  if (prompt === undefined || completion === undefined) {
    throw new StoreError(
      'This run does not have the token ids of every trace, because its server did not tell them (vLLM does); use --format prompt-completion and let the trainer make the ids.',
      { usage: true },
    )
  }
  return { input_ids: [...prompt, ...completion], labels: [...prompt.map(() => IGNORED), ...completion] }
}

function idsOf({ completionIds }: ExportRow): object {
  return completionIds === undefined ? {} : { completion_ids: completionIds }
}

function assistant(content: string): Message {
  return { role: 'assistant', content }
}

const SPEAKERS = { system: 'system', user: 'human', assistant: 'gpt' } as const

function turn({ role, content }: Message): { readonly from: string; readonly value: string } {
  return { from: SPEAKERS[role], value: content }
}

/** The last message asks; what stands before it is the system's and the history's. */
function instruction(prompt: readonly Message[]): { readonly instruction: string; readonly input: string } {
  return { instruction: prompt.at(-1)?.content ?? '', input: '' }
}

function before(prompt: readonly Message[]): { readonly system: string; readonly history: string[][] } {
  const turns = prompt.slice(0, -1)
  const asked = turns.filter(({ role }) => role === 'user')
  const answered = turns.filter(({ role }) => role === 'assistant')
  return {
    system: prompt[0]?.role === 'system' ? prompt[0].content : '',
    history: asked.map(({ content }, i) => [content, answered[i]?.content ?? '']),
  }
}

/** Messages of a chat are set apart by a blank line; what the completions API was sent continues as it did. */
function plainText({ api = 'chat', prompt, completion }: ExportRow): string {
  const asked = prompt.map(({ content }) => content).join('\n\n')
  return asked + (api === 'chat' ? '\n\n' : '') + completion
}
