/** What a model says to its reader: thinking, channels and tool calls of every open family are parsed off first. */

interface Marks {
  readonly open: string
  readonly close: string
  /** Models that write them. */
  readonly family: string
}

/** Thinking in front of an answer. A template may have written the opening mark into the prompt, so that only the closing one is here. */
export const THINKING: readonly Marks[] = [
  { open: '<think>', close: '</think>', family: 'DeepSeek R1, Qwen 3, GLM, MiniMax, Nemotron, Phi reasoning, Hunyuan' },
  { open: '<thinking>', close: '</thinking>', family: 'prompted models' },
  { open: '<thought>', close: '</thought>', family: 'EXAONE Deep' },
  { open: '<reasoning>', close: '</reasoning>', family: 'GRPO templates' },
  { open: '<analysis>', close: '</analysis>', family: 'prompted models' },
  { open: '<scratchpad>', close: '</scratchpad>', family: 'prompted models' },
  { open: '<seed:think>', close: '</seed:think>', family: 'Seed-OSS' },
  { open: '<longcat_think>', close: '</longcat_think>', family: 'LongCat' },
  { open: '<mm:think>', close: '</mm:think>', family: 'MiniMax' },
  { open: '◁think▷', close: '◁/think▷', family: 'Kimi' },
  { open: '[THINK]', close: '[/THINK]', family: 'Magistral' },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>', family: 'Command A reasoning' },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>', family: 'Sky-T1, OpenThinker' },
  { open: '<|thinking_start|>', close: '<|thinking_end|>', family: 'Apertus' },
  { open: '<|inner_prefix|>', close: '<|inner_suffix|>', family: 'Apertus' },
  { open: '<|channel>thought', close: '<channel|>', family: 'Gemma 4' },
  { open: '<unused94>', close: '<unused95>', family: 'MedGemma' },
]

/** Where an answer begins, whatever stood before it. */
const ANSWERS: readonly string[] = [
  '<|channel|>final<|message|>',
  '<|START_RESPONSE|>',
  '<|begin_of_solution|>',
  'assistantfinal',
]

/** Calls of tools and what the tools gave back: neither is what the model answers. */
export const TOOLS: readonly Marks[] = [
  { open: '<tool_call>', close: '</tool_call>', family: 'Hermes, Qwen, GLM' },
  { open: '<tool_response>', close: '</tool_response>', family: 'Hermes, Qwen' },
  { open: '<tool_result>', close: '</tool_result>', family: 'prompted models' },
  { open: '<function_call>', close: '</function_call>', family: 'prompted models' },
  { open: '<function=', close: '</function>', family: 'Llama 3, Qwen coder' },
  { open: '<|tool_calls_section_begin|>', close: '<|tool_calls_section_end|>', family: 'Kimi' },
  { open: '<｜tool▁calls▁begin｜>', close: '<｜tool▁calls▁end｜>', family: 'DeepSeek' },
  { open: '<｜tool▁outputs▁begin｜>', close: '<｜tool▁outputs▁end｜>', family: 'DeepSeek' },
  { open: '<|START_ACTION|>', close: '<|END_ACTION|>', family: 'Command' },
  { open: '<seed:tool_call>', close: '</seed:tool_call>', family: 'Seed-OSS' },
  { open: '<minimax:tool_call>', close: '</minimax:tool_call>', family: 'MiniMax' },
  { open: '[TOOL_CALLS]', close: '\n', family: 'Mistral' },
  { open: '[TOOL_RESULTS]', close: '[/TOOL_RESULTS]', family: 'Mistral' },
  { open: '<|python_tag|>', close: '<|eom_id|>', family: 'Llama 3' },
  { open: '<|tool_call|>', close: '<|/tool_call|>', family: 'Phi, Granite' },
]

export interface Visible {
  /** What stands behind the last end of thinking, without calls of tools. */
  readonly text: string
  /** True where thinking began again, or only began: no answer was given, whatever the finish reason says. */
  readonly isUnfinished: boolean
}

// Most texts have none of them, and say so in one pass.
const MAY_HAVE_MARKS = /<[a-z|｜/]|◁|\[\/?T|^analysis|<unused9/

/** The part of a completion that answers: linear in its length. */
export function visiblePart(completion: string): Visible {
  if (!MAY_HAVE_MARKS.test(completion)) return { text: completion, isUnfinished: false }
  let start = answerStart(completion)
  let opened = -1
  for (const { open, close } of THINKING) {
    const end = completion.lastIndexOf(close)
    if (end >= 0) start = Math.max(start, end + close.length)
    opened = Math.max(opened, completion.lastIndexOf(open))
  }
  // The formats with channels name the last one; without it nothing was said to the reader.
  const channel = Math.max(
    completion.lastIndexOf('<|channel|>'),
    completion.startsWith('analysis') && /^analysis[A-Z]/.test(completion) ? 0 : -1,
  )
  const isUnfinished = opened >= start || channel >= start
  return { text: withoutTools(completion.slice(start)), isUnfinished }
}

function answerStart(completion: string): number {
  let start = 0
  for (const mark of ANSWERS) {
    const at = completion.lastIndexOf(mark)
    const isPlain = mark === 'assistantfinal' && !completion.startsWith('analysis')
    if (at >= 0 && !isPlain) start = Math.max(start, at + mark.length)
  }
  return start
}

/** Every call and its result cut out; one that never ends takes the rest with it. */
function withoutTools(visible: string): string {
  let text = visible
  for (const { open, close } of TOOLS) {
    if (!text.includes(open)) continue
    const pieces: string[] = []
    let from = 0
    for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, from)) {
      pieces.push(text.slice(from, at))
      const end = text.indexOf(close, at + open.length)
      from = end < 0 ? text.length : end + close.length
    }
    pieces.push(text.slice(from))
    text = pieces.join('\n')
  }
  return text
}
