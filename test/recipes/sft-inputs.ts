import { type FilledFlag, RECIPE_FLAGS, recipeFlags } from '../../src/core/placeholders.ts'
import { PYTHON, RECIPE } from './recipe.ts'

export const TWO_MESSAGES = `{"prompt":[{"role":"user","content":"1"}],"completion":[{"role":"assistant","content":"2"},{"role":"user","content":"3"}]}\n`

export const WITH_TEMPLATE = `
import pathlib, shutil, sys
shutil.copytree(sys.argv[1], sys.argv[2])
(pathlib.Path(sys.argv[2]) / "chat_template.jinja").write_text(sys.argv[3])
`

/** All the flags that `init` writes. */
export function presetCommand(): string[] {
  const filled = recipeFlags(...(Object.keys(RECIPE_FLAGS) as FilledFlag[]))
  return [
    'env',
    'OMP_NUM_THREADS=1',
    'CUDA_VISIBLE_DEVICES=',
    PYTHON ?? '',
    RECIPE,
    ...filled,
    '--micro-batch-size',
    '4',
  ]
}
