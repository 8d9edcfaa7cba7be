/** Where prompt templates come from: a file, the shipped folder, or the one that is built in. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../core/errors.ts'
import { PLACEHOLDER, type PromptTemplate, parsePrompt } from './template.ts'

/** The folder of the shipped templates, with a slash at its end (both `src/` and `dist/` are one level below the package's root). */
export const shippedPromptsDirectory: string = fileURLToPath(new URL('../../prompts/', import.meta.url))

/** Zero-shot chat: the question, word for word, as the only user message. */
export const builtInPrompt: PromptTemplate = parsePrompt(
  `---\nname: built-in\napi: chat\ndescription: The question as the only user message.\n---\n## user\n${PLACEHOLDER}\n`,
  'built-in prompt',
)

/**
 * Reads a template file.
 * @throws ConfigError when it cannot be read or is no template
 */
export function loadPrompt(path: string): PromptTemplate {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${path}  cannot be read; give the path of a prompt template, relative to run.yaml.`, {
      cause,
    })
  }
  return parsePrompt(source, path)
}
