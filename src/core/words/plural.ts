/** A word for one or for many: `plural(1, 'row')` is "row", `plural(0, 'row')` and `plural(2, 'row')` are "rows". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return value === 1 ? one : many
}
