/** Trees as people read them, in one line. */

import { formatRational } from './algebra/rational.ts'
import type { Expression, Tree } from './tree.ts'

const MOST_CHARACTERS = 400
const INFIX: Readonly<Record<string, string>> = { Add: ' + ', Multiply: '·', Divide: '/', Power: '^' }

/** `list (1, 1/2)`, `expression 2·x + 1`, `relation x < 5`. */
export function describeTree(tree: Tree): string {
  const text = treeText(tree)
  const kind = tree.kind === 'group' && tree.open === '' ? 'list' : tree.kind === 'group' ? 'brackets' : tree.kind
  return `${kind} ${text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text}`
}

function treeText(tree: Tree): string {
  switch (tree.kind) {
    case 'expression':
      return `${expressionText(tree.expression)}${tree.percent ? '%' : ''}${tree.unit ? ` [${tree.unit.name}]` : ''}`
    case 'group':
      return `${tree.open}${tree.items.map(treeText).join(', ')}${tree.close}`
    case 'sets':
      return tree.items.map(treeText).join(` ${tree.operator} `)
    case 'relation':
      return tree.sides
        .map((side, at) => `${at > 0 ? ` ${tree.operators[at - 1] ?? ''} ` : ''}${treeText(side)}`)
        .join('')
    case 'matrix':
    case 'cases':
      return `[${tree.rows.map((row) => row.map(treeText).join(', ')).join('; ')}]`
    case 'residue':
      return `${tree.name ? `${treeText(tree.name)} ≡ ` : ''}${treeText(tree.residues)} mod ${expressionText(tree.modulus)}`
    case 'clock':
      return `${tree.seconds} seconds after midnight${tree.half === undefined ? ' or noon' : ''}`
    case 'ratio':
      return tree.items.map(treeText).join(' : ')
    case 'base':
      return `${tree.digits} in base ${tree.base}`
    case 'text':
      return tree.text
  }
}

function expressionText(expression: Expression): string {
  if (expression.kind === 'number') return formatRational(expression.value)
  if (expression.kind === 'symbol') return expression.name
  const args = expression.args.map((arg) => {
    const text = expressionText(arg)
    return arg.kind === 'call' && arg.name in INFIX && arg.name !== 'Power' ? `(${text})` : text
  })
  const infix = INFIX[expression.name]
  if (infix !== undefined) return args.join(infix)
  return expression.name === 'Negate' ? `-${args.join('')}` : `${expression.name}(${args.join(', ')})`
}
