/** The page on which people judge completions blind: question, gold answer, text, and three buttons; no verdict anywhere. */

import { html, type Markup, trusted } from '../markup.ts'
import { mathText } from '../math/mathml.ts'
import { segmentsOf } from '../math/segments.ts'
import { clip } from '../visible.ts'
import { policyOf } from './page.ts'
import { PALETTE } from './palette.ts'

export interface AuditPage {
  readonly name: string
  readonly seed: number
  readonly sample: number
  readonly items: readonly {
    readonly id: number
    readonly question: string
    readonly gold: string
    readonly text: string
  }[]
}

/** Characters of a text from its front and from its end, where the answer is. */
const SHOWN = 6_000

const STYLE = `${PALETTE}
*{box-sizing:border-box}body{font:16px/1.6 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--paper)}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.4rem;margin:0 0 .5rem}h2{font-size:.9rem;color:var(--soft);font-weight:550;margin:1.2rem 0 .3rem}
header{position:sticky;top:0;background:var(--paper);padding:.6rem 0;border-bottom:1px solid var(--grid);display:flex;gap:.6rem;flex-wrap:wrap;align-items:center}
article{display:none}article.current{display:block}
.text,pre{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;background:var(--panel);border-radius:8px;padding:.8rem 1rem;margin:0;max-height:60vh;overflow:auto}
pre{font:14px/1.5 ui-monospace,monospace}math{font-size:1.08em}menclose{border:1px solid currentColor;padding:1px 3px}
button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--faint);border-radius:7px;padding:.25rem .9rem;min-height:2.3rem;cursor:pointer}
button[aria-pressed=true]{border-color:var(--good);color:var(--good);font-weight:600}
kbd{font:13px ui-monospace,monospace;color:var(--soft);margin-right:.3rem}output{min-width:9rem}p{max-width:46rem}
details{margin-top:.4rem;color:var(--soft);font-size:.9rem}`

// Labels stay in this browser, as far as it lets files keep anything, until they are saved as one JSON file.
const SCRIPT = `const page=document.querySelector('main').dataset,all=[...document.querySelectorAll('article')],key='spendwise-audit '+page.run+' '+page.seed+' '+page.sample;
let labels={},at=0;try{labels=JSON.parse(localStorage.getItem(key))||{}}catch{}
function show(){for(const [i,a] of all.entries()){a.classList.toggle('current',i===at)}
for(const b of document.querySelectorAll('[data-label]'))b.setAttribute('aria-pressed',labels[all[at].dataset.id]===b.dataset.label);
document.querySelector('output').textContent=(at+1)+' of '+all.length+', '+Object.keys(labels).length+' judged'}
function judge(label){labels[all[at].dataset.id]=label;try{localStorage.setItem(key,JSON.stringify(labels))}catch{}
const next=all.findIndex((a,i)=>i>at&&!labels[a.dataset.id]);at=next<0?Math.min(at+1,all.length-1):next;show();scrollTo(0,0)}
function move(by){at=Math.max(0,Math.min(all.length-1,at+by));show();scrollTo(0,0)}
function save(){const l=document.createElement('a');l.href=URL.createObjectURL(new Blob([JSON.stringify({run:page.run,seed:+page.seed,sample:+page.sample,labels})],{type:'application/json'}));l.download='audit-labels.json';l.click()}
addEventListener('click',e=>{const b=e.target.closest('button');if(!b)return;if(b.dataset.label)judge(b.dataset.label);else if(b.dataset.by)move(+b.dataset.by);else save()});
addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey)return;const l={1:'right',2:'wrong',3:'unclear'}[e.key];if(l)judge(l);else if(e.key==='j')move(1);else if(e.key==='k')move(-1)});
at=Math.max(0,all.findIndex(a=>!labels[a.dataset.id]));show()`

/** A self-contained HTML file. */
export function auditPage({ name, seed, sample, items }: AuditPage): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyOf(STYLE, SCRIPT)}">
<title>Audit of ${name}</title><style>${trusted(STYLE)}</style></head>
<body><main data-run="${name}" data-seed="${String(seed)}" data-sample="${String(sample)}">
<h1>Audit of ${name}</h1><p>Is the final answer of each text right, by the gold answer and the question? Right, wrong, or unclear where the
gold answer itself is in doubt. Keys: 1 2 3 judge, j and k next and back. Save the labels at the end.</p>
<header><button data-by="-1" aria-label="Previous text">‹</button> <output></output> <button data-by="1" aria-label="Next text">›</button>
<button data-label="right"><kbd>1</kbd>Right</button><button data-label="wrong"><kbd>2</kbd>Wrong</button><button data-label="unclear"><kbd>3</kbd>Unclear</button>
<button>Save labels</button></header>
${items.map(article)}
</main><script>${trusted(SCRIPT)}</script></body></html>
`.markup
}

function article(item: AuditPage['items'][number]): Markup {
  const text = shortened(item.text)
  const hasFormulas = segmentsOf(text).some(({ kind }) => kind === 'math')
  return html`<article data-id="${String(item.id)}"><h2>Question</h2><div class="text">${mathText(clip(item.question, SHOWN))}</div>
<h2>Gold answer</h2><div class="text">${mathText(clip(item.gold, SHOWN))}</div><h2>Text</h2><div class="text" tabindex="0" role="region" aria-label="Text">${mathText(text)}</div>
${hasFormulas && html`<details><summary>As it was written</summary><pre>${text}</pre></details>`}</article>
`
}

function shortened(text: string): string {
  if (text.length <= 2 * SHOWN) return text
  const left = (text.length - 2 * SHOWN).toLocaleString('en-US')
  return `${text.slice(0, SHOWN).toWellFormed()}\n\n… ${left} characters are left out here …\n\n${text.slice(-SHOWN).toWellFormed()}`
}
