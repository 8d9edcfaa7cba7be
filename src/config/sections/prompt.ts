/** The `prompt` section of run.yaml: the templates to sample, train and evaluate with. */

import { z } from 'zod'

const promptFile = z.string().min(1).optional()

export const promptSection = z.strictObject({
  sampling: promptFile.describe('Template for sampling the training data.'),
  training: promptFile.describe('Template for the text that is trained on.'),
  evaluation: promptFile.describe('Template for the gate and the evaluation.'),
})
