/** `--set a.b=c`: one value changed before validation. */

import { ConfigError } from '../core/errors.ts'
import { readValue } from './document.ts'
import { dotted, type Path, withValueAt } from './tree.ts'

export interface Setting {
  readonly path: Path
  readonly value: unknown
  /** How messages name it; without the value, which might be a secret put in the wrong place. */
  readonly flag: string
}

/** @throws ConfigError where the flag has no path, no `=`, or a value that is not YAML */
export function readSetting(text: string): Setting {
  const equals = text.indexOf('=')
  const path = equals < 0 ? [] : text.slice(0, equals).trim().split('.')
  if (path.length === 0 || path.includes('')) {
    throw new ConfigError(
      `--set ${equals < 0 ? text : text.slice(0, equals)}  is not a setting. Write for example --set sample.temperature=0.7.`,
    )
  }
  const flag = `--set ${dotted(path)}`
  return { path, flag, value: readValue(text.slice(equals + 1), flag) }
}

/** @throws ConfigError where the path goes through a plain value, or past the end of a list */
export function applySetting(tree: unknown, setting: Setting): unknown {
  const changed = withValueAt(tree, setting.path, setting.value)
  if (changed === undefined) {
    throw new ConfigError(
      `${setting.flag}  leads nowhere: a part of it is a plain value, or not an index of its list. Lists are counted from 0, as in problems.train.0.weight.`,
    )
  }
  return changed
}

/** The last flag that put a value at, above or below this path. */
export function settingOf(settings: readonly Setting[], path: Path): Setting | undefined {
  return settings.findLast(
    (setting) =>
      setting.path.length <= path.length && setting.path.every((key, index) => String(key) === String(path[index])),
  )
}
