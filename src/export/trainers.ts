/** What trainers other than TRL want to be told about a dataset: LLaMA-Factory's dataset_info.json, axolotl's part of a config. */

import type { FileKind } from './dataset-file.ts'
import type { ExportFormat } from './formats.ts'

const CHAT_TAGS = {
  role_tag: 'role',
  content_tag: 'content',
  user_tag: 'user',
  assistant_tag: 'assistant',
  system_tag: 'system',
}
const TURN_TAGS = {
  role_tag: 'from',
  content_tag: 'value',
  user_tag: 'human',
  assistant_tag: 'gpt',
  system_tag: 'system',
}

/** By format, as data/README.md of LLaMA-Factory has it; formats that are not there it does not read. */
const LLAMA_FACTORY: { readonly [format in ExportFormat]?: object } = {
  messages: { formatting: 'sharegpt', columns: { messages: 'messages' }, tags: CHAT_TAGS },
  sharegpt: { formatting: 'sharegpt', columns: { messages: 'conversations' }, tags: TURN_TAGS },
  alpaca: {
    formatting: 'alpaca',
    columns: { prompt: 'instruction', query: 'input', response: 'output', system: 'system', history: 'history' },
  },
  text: { formatting: 'alpaca', columns: { prompt: 'text' } },
  'sharegpt-dpo': {
    formatting: 'sharegpt',
    ranking: true,
    columns: { messages: 'conversations', chosen: 'chosen', rejected: 'rejected' },
    tags: TURN_TAGS,
  },
  'sharegpt-kto': {
    formatting: 'sharegpt',
    columns: { messages: 'conversations', kto_tag: 'label' },
    tags: TURN_TAGS,
  },
}

/**
 * @param folder of the data files, in the folder that dataset_info.json stands in
 * @returns undefined where LLaMA-Factory reads neither the format nor the compression
 */
export function llamaFactoryInfo(
  name: string,
  format: ExportFormat,
  { container, compression }: FileKind,
  folder: string,
): object | undefined {
  const description = LLAMA_FACTORY[format]
  if (!description || (container === 'jsonl' && compression !== 'none')) return undefined
  return { [name]: { file_name: folder, ...description } }
}

/** By format, the lines of an entry of `datasets`; formats that are not there axolotl does not read. */
const AXOLOTL: { readonly [format in ExportFormat]?: readonly string[] } = {
  messages: ['type: chat_template', 'field_messages: messages'],
  sharegpt: [
    'type: chat_template',
    'field_messages: conversations',
    'message_property_mappings: { role: from, content: value }',
  ],
  alpaca: ['type: alpaca'],
  text: ['type: completion', 'field: text'],
  dpo: ['type: chat_template.default', 'field_messages: prompt', 'field_chosen: chosen', 'field_rejected: rejected'],
}

/**
 * Loads the folder by its card, shards and compression included.
 * @param folder its own name: `datasets` reads no folder that is called `.`
 * @returns undefined where axolotl does not read the format
 */
export function axolotlSnippet(format: ExportFormat, folder: string): string | undefined {
  const entry = AXOLOTL[format]
  if (!entry) return undefined
  const lines = [
    ...(format === 'dpo' ? ['rl: dpo'] : []),
    'datasets:',
    `  - path: ./${folder}`,
    '    split: train',
    ...entry.map((line) => `    ${line}`),
  ]
  return `${lines.join('\n')}\n`
}
