import { expect, test } from 'vitest'
import { requestFor } from '../../../src/loop/sample/request.ts'
import { builtInPrompt } from '../../../src/prompt/load-prompt.ts'

test('a request has the stop strings of the run and those of its prompt, each once', () => {
  const head = {
    key: { purpose: 'train', iteration: 0, problem: 'p', index: 0 },
    issue: 0,
    model: 'm',
    checkpoint: undefined,
    seed: 1,
  } as const
  const prompt = { ...builtInPrompt, api: 'chat', stop: ['\n\nQuestion:', 'END'] } as const
  const problem = {
    id: 'p',
    question: 'What is it?',
    answer: '1',
    split: 'train',
    source: 's',
    level: undefined,
  } as const
  const parameters = { temperature: 1, topP: 1, topK: 0, maxTokens: 8, stop: ['END', '###'] }
  expect(requestFor(head, prompt, problem, parameters).parameters.stop).toEqual(['END', '###', '\n\nQuestion:'])
})
