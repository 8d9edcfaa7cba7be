/** What a run makes of thinking that its server keeps apart. */

import type { RunConfig } from '../../config/schema.ts'
import type { ThinkingForm } from '../../sample/protocol/thinking.ts'

/** As the sampler and the comparison of tokens take it. */
export function thinkingOf({
  reasoning,
  templateKwargs,
}: RunConfig['sample']): Pick<ThinkingForm, 'handling' | 'isOff'> {
  return { handling: reasoning, isOff: isThinkingOff(templateKwargs) }
}

/** The words of the templates of Qwen 3, GLM, SmolLM 3, and of DeepSeek and Granite. */
function isThinkingOff(kwargs: Readonly<Record<string, unknown>>): boolean {
  return kwargs.enable_thinking === false || kwargs.thinking === false
}
