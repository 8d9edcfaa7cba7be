/** Answers that are marked otherwise: in tags, in other languages, or by a closing sentence with one number in it. */

import type { Found } from './found.ts'

// Every piece is bounded, so that the pattern is linear in the text.
const ANSWER_ELSEWHERE =
  /(?:\b(?:respuesta|réponse|resposta|risposta|antwort|antwoord|lösung|odpowied[źz]|cevap|svar|vastaus|răspuns|ответ|відповідь)(?:\s(?:correcta|final|finale|corecta|correcte|endgültige|final))?\s{0,3}(?:[:：=—–-]|(?<=\s)(?:es|est|ist|lautet|è|é|is|to|este|er|on)(?![A-Za-z]))|(?:最终|正确|最後の|正しい)?(?:答案|答え|解答|正解)\s{0,2}(?:[:：]|应?该?[是为為]|は)|(?:최종\s?)?(?:정답|답)\s{0,2}(?:[:：]|은|는))\s{0,3}[:：]?/giu
const MAY_BE_ELSEWHERE = /[^\p{ASCII}]|respuesta|resposta|risposta|antwo|cevap|svar|vastaus/iu
const COPULA = /\s*(?:입니다|이다|예요|です|である|だ)?\s*[.。．]?\s*$/u
export const CONCLUDES =
  /^\s*(?:therefore|thus|hence|so|then|consequently|finally|in conclusion|in total|altogether|luego|por lo tanto|por tanto|entonces|así|donc|ainsi|par conséquent|damit|daher|also|somit|quindi|dunque|pertanto|portanto|logo|assim|więc|zatem)(?![\p{L}])/iu
const SUMS_UP = /\b(?:altogether|in total|in all|at all|overall)\s*[.!]?\s*$/i
const OPTION =
  /\b(?:option|choice|answer choice)\s{1,3}\(?([A-H])\)?\s{1,3}is\s{1,3}(?:the\s{1,3})?(?:correct|right|best|answer)\b/gi
const FOREIGN = /[\u0400-\u04ff\u0590-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/
const NUMBER =
  /(?<![\w.,\\^_{])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s?%)?(?![\w,.]*[\d^_{}\\])(?!\s?[百千万萬亿億만억])/g

const MOST_TAGS = 12

/** The last `<answer>` tags, and the `"answer":` of replies that are JSON objects. */
export function findTags(text: string): readonly Found[] {
  const found: Found[] = []
  if (!/answer/i.test(text)) return found
  const lower = /<\/answer>/i.test(text) ? text.toLowerCase() : ''
  for (let end = lower.lastIndexOf('</answer>'); end > 0 && found.length < MOST_TAGS; ) {
    const start = lower.lastIndexOf('<answer>', end)
    if (start < 0) break
    const content = text.slice(start + '<answer>'.length, end)
    const [next] = found
    // `<answer>12</answer> or <answer>10</answer>` says both.
    const isNext =
      next && /^\s*(?:,|or|and)\s*$/.test(text.slice(end + '</answer>'.length, Math.min(next.at, end + 40)))
    if (isNext) found[0] = { ...next, at: start, content: `${content}, ${next.content}` }
    else found.unshift({ rule: 'extract:tag', at: start, content })
    end = lower.lastIndexOf('</answer>', start)
  }
  let tries = 0
  for (let at = text.lastIndexOf('answer"'); at > 0 && tries < MOST_TAGS; at = text.lastIndexOf('answer"', at - 1)) {
    tries++
    const match = JSON_ANSWER.exec(text.slice(Math.max(0, at - 8), at + 2_100))
    if (match) found.push({ rule: 'extract:tag', at, content: match[1]?.replace(/\\\\/g, '\\') ?? match[2] })
  }
  return found
}

// A reply that is one JSON object.
const JSON_ANSWER = /"(?:final_?)?answer"\s{0,3}:\s{0,3}(?:"((?:[^"\\]|\\.){1,2000})"|([^\s,{}"][^,{}"\n]{0,200}))/i

const MOST_SEARCHED = 100_000

/** `La respuesta es 15`, `答案是 15。`, `정답은 15입니다.`: the rest of the line behind the last such marker. */
export function findAnswerElsewhere(text: string): Found | undefined {
  if (!MAY_BE_ELSEWHERE.test(text)) return undefined
  let found: Found | undefined
  const last: { readonly index: number; readonly 0: string }[] = []
  // A marker further back than this is not the conclusion of a text that long.
  const from = Math.max(0, text.length - MOST_SEARCHED)
  for (const match of (from > 0 ? text.slice(from) : text).matchAll(ANSWER_ELSEWHERE)) {
    last.push({ index: match.index + from, 0: match[0] })
    if (last.length > 2 * MOST_TAGS) last.splice(0, MOST_TAGS)
  }
  for (const match of last.slice(-MOST_TAGS)) {
    const rest = text.slice(match.index + match[0].length, match.index + match[0].length + 400).trimStart()
    const line = rest.split('\n')[0] ?? ''
    const stop = line.search(/[。．]|[.?](?:\s|$)/)
    const content = (stop > 0 ? line.slice(0, stop) : line).replace(COPULA, '').replace(/^[*_\s]+/, '')
    if (/[\d\\$A-Z(]/.test(content)) found = { rule: 'extract:the-answer-is', at: match.index, content }
  }
  return found
}

/** `Option B is correct`. */
export function findOption(text: string): Found | undefined {
  let last: Found | undefined
  if (!/option|choice/i.test(text)) return undefined
  for (const match of text.matchAll(OPTION))
    last = { rule: 'extract:the-answer-is', at: match.index, content: match[1] }
  return last
}

// What bounds or denies the number of a sentence.
const BOUNDED =
  /\b(?:not|never|cannot|less|more|greater|fewer|larger|smaller|at least|at most|up to|than|between|wrong|incorrect|unless|if|over|under|above|below|about half|twice)\b|n['’]t\b|[<>≤≥≠]/i

// The same in other scripts, but `different`, `very` and `possibilities`.
const BOUNDED_ELSEWHERE =
  /不(?!同)|[没沒無无]|非(?!常)|大[于於]|小[于於]|至[少多]|超[过過]|[少多][于於]|可能[是为為]|以[上下]|未満|未满|ない|なく|なかった|아니|않|이상|이하|미만|초과|(?<!\p{L})(?:не|нет|менее|более|больше|меньше)(?!\p{L})/u

/** The one number of the last sentence, where it concludes or no verb is known that would mark it. */
export function findLoneNumber(text: string): Found | undefined {
  const sentences = text
    .trimEnd()
    .slice(-600)
    .split(/(?<=[。！？])|(?<=[.!?])\s+|\n/)
  const last = (sentences.findLast((sentence) => sentence.trim() !== '') ?? '').replace(/\\\$/g, ' ')
  if (!CONCLUDES.test(last) && !SUMS_UP.test(last) && !FOREIGN.test(last)) return undefined
  if (BOUNDED.test(last) || (FOREIGN.test(last) && BOUNDED_ELSEWHERE.test(last))) return undefined
  const numbers = [...last.matchAll(NUMBER)].map((match) => match[0])
  const [only] = numbers
  const digits = last.match(/\d[\d,.]*/g)?.length ?? 0
  if (numbers.length !== 1 || digits !== 1 || only === undefined || /[\\=<>]/.test(last)) return undefined
  return { rule: 'extract:closing', at: 0, content: only }
}
