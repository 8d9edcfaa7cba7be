/** How formulas are set, in pages and in files: bounded, without links, images or HTML of their own. */

export const KATEX_OPTIONS = {
  trust: false,
  strict: 'ignore',
  throwOnError: true,
  /** Macro expansions, against definitions that double. */
  maxExpand: 200,
  /** In em: no rule or space that covers the page. */
  maxSize: 12,
} as const
