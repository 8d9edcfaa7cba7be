/** The words of the report, explained in a line each: nobody should need another page to read this one. */

import { html, type Markup } from '../markup.ts'

const TERMS: readonly (readonly [term: string, means: string])[] = [
  [
    'iteration t',
    'one turn of sample, verify, train, evaluate; counted from 0. The base is the model before iteration 0.',
  ],
  ['sampled, N_t', 'completions drawn for training in iteration t; failed requests are not counted.'],
  [
    'accepted, n_t',
    'traces that iteration t trains on: the first n_t eligible ones, in the order in which they were asked for.',
  ],
  ['eligible', 'verified correct, ended by itself, and passed the acceptance rules.'],
  [
    'acceptance',
    'eligible / sampled. It is a sampling rate, not an accuracy: problems are asked as often as the run needs.',
  ],
  ['surplus', 'eligible traces beyond n_t. They are kept and reported, not trained on.'],
  ['not-kept', "its reward's draw left it out (accept.by: reward)."],
  ['unsound', 'correct by its final answer, but an equation in it is false.'],
  ['restated', 'correct, but its answer only repeats a formula of its question.'],
  ['too-long', 'correct, but of more tokens than accept.maxTokens.'],
  ['thinking', 'tokens of it before an answer, on average; where it did not end there is no answer.'],
  ['truncated', 'cut off at the token limit; never accepted, whatever it says.'],
  [
    'verdict',
    'what the checker found: correct, incorrect, no-answer, unparsed, undecided, timeout or too-large. Only correct means equal.',
  ],
  [
    'accuracy',
    'share of the evaluation problems that are solved; nothing is ever trained on them. Bars are 95% intervals.',
  ],
  ['gain', 'paired difference to the base on the same problems, in points. It is told from chance by its interval.'],
  ['gate', 'a paired test on problems of its own that a new checkpoint must pass before the run builds on it.'],
  ['rejected', 'a checkpoint that failed the gate; the run continued from the one before it.'],
  ['coverage', 'share of the problems that were asked and have at least one correct trace.'],
  ['cost', 'what the budget counts, in the unit that run.yaml gives it.'],
]

export function termsList(): Markup {
  return html`<dl class="facts terms">${TERMS.map(([term, means]) => html`<dt>${term}</dt><dd>${means}</dd>\n`)}</dl>`
}
