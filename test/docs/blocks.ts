/** The fenced blocks of a page: what it is, the name behind it (```yaml run.yaml), and its text. */

export interface Block {
  /** `sh`, `yaml`, `text`, …; empty where the fence names nothing. */
  readonly language: string
  /** What stands behind the language: a file's name, or what kind of block it is. */
  readonly title: string
  readonly text: string
  /** Of its first line, from 1. */
  readonly line: number
}

const FENCE = /^```(\S*)[ \t]*(.*)\n([\s\S]*?)^```[ \t]*$/gm

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCE)].map(({ 1: language = '', 2: title = '', 3: text = '', index }) => ({
    language,
    title: title.trim(),
    text,
    line: page.slice(0, index).split('\n').length + 1,
  }))
}

/** The page with other texts in some of its blocks, by their lines. */
export function withTexts(page: string, texts: ReadonlyMap<number, string>): string {
  return page.replace(FENCE, (whole, language: string, title: string, _: string, index: number) => {
    const text = texts.get(page.slice(0, index).split('\n').length + 1)
    return text === undefined ? whole : `\`\`\`${language}${title === '' ? '' : ` ${title}`}\n${text.trimEnd()}\n\`\`\``
  })
}
