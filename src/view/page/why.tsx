/** How the checker came to its verdict: what it took from each side, how it read it, which rule decided, and at which points. */

import type { ComponentChildren, JSX } from 'preact'
import { visibleLine } from '../../report/visible.ts'
import type { SideDetail, TraceDetail, WhyDetail } from '../wire.ts'
import { RichText } from './rich-text.tsx'

export function Why({ trace }: { readonly trace: TraceDetail }): JSX.Element {
  const { why } = trace
  return (
    <section class="why" aria-labelledby="why-title">
      <h2 id="why-title">Why</h2>
      <p class="sentence">{sentenceOf(trace)}</p>
      <table class="sides">
        <thead>
          <tr>
            <td />
            <th scope="col">answer</th>
            <th scope="col">gold</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">extracted</th>
            <td>
              <Extracted text={trace.extracted ?? why?.answer.extracted ?? null} />
            </td>
            <td>
              <Extracted text={why?.gold.extracted ?? trace.gold} />
            </td>
          </tr>
          {why && (
            <>
              <Row
                name="found by"
                of={(side) => <span title={side.extraction}>{extractionName(side.extraction)}</span>}
                why={why}
              />
              <Row name="read as" of={(side) => <bdi>{visibleLine(side.parsed ?? '–')}</bdi>} why={why} />
            </>
          )}
        </tbody>
      </table>
      <dl class="facts">
        <div>
          <dt>rule</dt>
          <dd>
            <code>{trace.rule ?? '–'}</code>
            {trace.reason !== null && <>: {trace.reason}</>}
          </dd>
        </div>
        <div>
          <dt>method</dt>
          <dd>
            {trace.method ?? '–'}
            {why && why.agreed > 0 && `, at ${why.agreed} points`}
          </dd>
        </div>
        <div>
          <dt>checker</dt>
          <dd>{trace.checker ?? '–'}</dd>
        </div>
      </dl>
      {why && why.points.length > 0 && <Points why={why} />}
      {why && why.verdict !== trace.verdict && (
        <p class="note">
          The present checker ({why.checker}) says <b>{why.verdict}</b> by {why.rule}. <code>spendwise reverify</code>{' '}
          brings the run up to date.
        </p>
      )}
      {trace.history.length > 0 && <History trace={trace} />}
    </section>
  )
}

function sentenceOf({ verdict, rule, extracted, gold, why, finishReason }: TraceDetail): ComponentChildren {
  if (finishReason === 'failed') return 'No text came back from the server.'
  if (verdict === null) return 'It has not been verified yet.'
  const cut = finishReason === 'length' ? ' It was cut off at the token limit, so it is never accepted.' : ''
  const said = extracted ?? why?.answer.extracted
  if (said === '') return `The last answer marker holds no answer (${rule}).${cut}`
  if (said === null || said === undefined) return `No answer was found in the text (${rule}).${cut}`
  const relation =
    verdict === 'correct' ? 'equals' : verdict === 'incorrect' ? 'does not equal' : 'cannot be compared with'
  return (
    <>
      <b>
        <bdi>{visibleLine(short(said))}</bdi>
      </b>{' '}
      {relation} the gold answer{' '}
      <b>
        <bdi>{visibleLine(short(why?.gold.extracted ?? gold))}</bdi>
      </b>
      .{cut}
    </>
  )
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

function Extracted({ text }: { readonly text: string | null }): JSX.Element {
  if (text === null || text === '') return <span class="quiet">nothing</span>
  const isTex = /\\[a-z]+|[\^_]/i.test(text) && !text.includes('$')
  return (
    <>
      <span class="big">
        {isTex && text.length < 400 ? <RichText text={`\\(${text}\\)`} /> : <RichText text={text} />}
      </span>
      {isTex && (
        <code class="written">
          <bdi>{visibleLine(short(text))}</bdi>
        </code>
      )}
    </>
  )
}

function Row({
  name,
  of,
  why,
}: {
  readonly name: string
  readonly of: (side: SideDetail) => ComponentChildren
  readonly why: WhyDetail
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{of(why.answer)}</td>
      <td>{of(why.gold)}</td>
    </tr>
  )
}

/** Where an answer stood, in words; the checker's own name of it is on hover. */
const EXTRACTION_NAMES: Readonly<Record<string, string>> = {
  'answer-line': 'a line "Answer:"',
  bare: 'the whole text',
  bold: 'bold type',
  boxed: '\\boxed',
  closing: 'the last sentence',
  hash: '####',
  'last-line': 'the last line',
  'last-math': 'the last formula',
  none: 'nothing was found',
  tag: 'an answer tag',
  'the-answer-is': '"the answer is"',
  unfinished: 'thinking that did not end',
}

function extractionName(rule: string): string {
  const name = rule.replace(/^extract:/, '')
  return EXTRACTION_NAMES[name] ?? name
}

function Points({ why }: { readonly why: WhyDetail }): JSX.Element {
  return (
    <details open={why.points.some(({ equal }) => !equal)}>
      <summary>Points at which both were evaluated</summary>
      <div class="wide-table" role="region" aria-label="Points" tabIndex={0}>
        <table class="points">
          <thead>
            <tr>
              <th scope="col">at</th>
              <th scope="col" class="number">
                answer
              </th>
              <th scope="col" class="number">
                gold
              </th>
            </tr>
          </thead>
          <tbody>
            {why.points.map((point, at) => (
              <tr key={at} class={point.equal ? '' : 'bad'}>
                <td>
                  {point.at.map(({ name, value }) => `${visibleLine(name)} = ${value}`).join(', ') || 'a constant'}
                </td>
                <td class="number">{point.answer}</td>
                <td class="number">{point.gold}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function History({ trace }: { readonly trace: TraceDetail }): JSX.Element {
  return (
    <>
      <h3>Earlier verdicts</h3>
      <ul class="history">
        {trace.history.map((past) => (
          <li key={past.replacedAt}>
            <b>{past.verdict}</b> by {past.rule}
            {past.extracted !== null && (
              <>
                {' '}
                on <bdi>{visibleLine(short(past.extracted))}</bdi>
              </>
            )}
            <small>
              {past.checker}, until {past.replacedAt.slice(0, 16).replace('T', ' ')}
            </small>
          </li>
        ))}
      </ul>
    </>
  )
}
