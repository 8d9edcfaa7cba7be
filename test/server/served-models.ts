/** What the test server serves: models and adapters by name, each with the skill its checkpoint directory states. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServedModel {
  readonly name: string
  /** The checkpoint directory, as `/v1/models` tells it; the name where there is none. */
  readonly root: string
  /** The base model of an adapter. */
  readonly parent: string | undefined
  readonly skill: number
}

/**
 * The skill of a checkpoint directory: `{"skill": 0.4}` in its skill.json.
 * @throws Error where the directory or its skill.json is missing: such weights cannot be served
 */
export function readSkill(checkpoint: string): number {
  const file = join(checkpoint, 'skill.json')
  if (!existsSync(file)) throw new Error(`${file} does not exist`)
  const { skill } = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof skill !== 'number') throw new Error(`${file}: "skill" is not a number`)
  return skill
}

export interface AdminAnswer {
  readonly status: number
  readonly message: string
}

export function createServedModels(initial: readonly ServedModel[]) {
  const models = new Map(initial.map((model) => [model.name, model]))
  return {
    get: (name: string): ServedModel | undefined => models.get(name),
    list: (maxModelLen: number): object => ({
      object: 'list',
      data: [...models.values()].map((model) => ({
        id: model.name,
        object: 'model',
        created: 1_700_000_000,
        owned_by: 'test',
        root: model.root,
        parent: model.parent ?? null,
        max_model_len: maxModelLen,
      })),
    }),
    /** vLLM's `/v1/load_lora_adapter`. */
    loadAdapter(name: string, path: string): AdminAnswer {
      if (models.has(name)) return { status: 400, message: `The lora adapter '${name}' has already been loaded.` }
      if (!existsSync(path)) return { status: 404, message: `No adapter found for '${path}'` }
      models.set(name, { name, root: path, parent: initial[0]?.name, skill: readSkill(path) })
      return { status: 200, message: `Success: LoRA adapter '${name}' added successfully.` }
    },
    /** vLLM's `/v1/unload_lora_adapter`. */
    unloadAdapter(name: string): AdminAnswer {
      if (models.get(name)?.parent === undefined) {
        return { status: 404, message: `The lora adapter '${name}' cannot be found.` }
      }
      models.delete(name)
      return { status: 200, message: `Success: LoRA adapter '${name}' removed successfully.` }
    },
    /** vLLM's `reload_weights`: all names of the base get the new weights; `root` keeps telling the old directory. */
    reload(path: string): void {
      const skill = readSkill(path)
      for (const { name } of initial) {
        const model = models.get(name)
        if (model !== undefined) models.set(name, { ...model, skill })
      }
    },
  }
}
