/** The small model as one that thinks: its chat template opens `<think>`, and it ends a line by `</think>` as often as by a line break. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Tensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const EMBEDDINGS = 'model.embed_tokens.weight'
const TEMPLATE = `{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% if enable_thinking is defined and not enable_thinking %}{{ '<think></think>' }}{% else %}{{ '<think>' }}{% endif %}{% endif %}`

/** Writes it to a new folder, from the tied model that the other tests use. */
export function writeThinking(tied: string, folder: string): string {
  cpSync(tied, folder, { recursive: true })
  const read = (name: string) => JSON.parse(readFileSync(join(tied, name), 'utf8'))
  const write = (name: string, value: object): void => writeFileSync(join(folder, name), JSON.stringify(value))
  const config = read('config.json')
  const tokenizer = read('tokenizer.json')
  const first: number = config.vocab_size
  const like = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }
  for (const [i, content] of ['<think>', '</think>'].entries())
    tokenizer.added_tokens.push({ id: first + i, content, ...like })
  write('tokenizer.json', tokenizer)
  write('config.json', { ...config, vocab_size: first + 2 })
  writeFileSync(join(folder, 'chat_template.jinja'), TEMPLATE)
  const lineBreak: number = tokenizer.model.vocab.Ċ
  // Nothing for the one, so that it is hardly ever written; for the other what a line break is.
  writeFileSync(join(folder, 'model.safetensors'), withRows(readFileSync(join(tied, 'model.safetensors')), lineBreak))
  return folder
}

/** Two more rows of the embeddings, which are the output layer too: zeros, and a copy of the row of this token. */
function withRows(file: Buffer, token: number): Buffer {
  const length = Number(file.readBigUInt64LE(0))
  const { __metadata__, ...tensors } = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<string, Tensor>
  const data = file.subarray(8 + length)
  const parts: Buffer[] = []
  let at = 0
  const written: Record<string, unknown> = __metadata__ === undefined ? {} : { __metadata__ }
  const inOrder = Object.entries(tensors).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])
  for (const [name, tensor] of inOrder) {
    const whole = data.subarray(...tensor.data_offsets)
    const [rows = 0, ...rest] = tensor.shape
    const row = whole.length / rows
    const isGrown = name === EMBEDDINGS
    const bytes = isGrown
      ? Buffer.concat([whole, Buffer.alloc(row), whole.subarray(token * row, (token + 1) * row)])
      : whole
    written[name] = {
      ...tensor,
      shape: isGrown ? [rows + 2, ...rest] : tensor.shape,
      data_offsets: [at, at + bytes.length],
    }
    at += bytes.length
    parts.push(bytes)
  }
  const text = JSON.stringify(written)
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([size, header, ...parts])
}
