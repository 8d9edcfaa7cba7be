/** The page on which people judge completions blind: question, gold answer, text, and three buttons; no verdict anywhere. */

import { html, type Markup, trusted } from '../markup.ts'

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

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
article{border:1px solid #ccc;border-radius:6px;padding:1rem;margin:1rem 0}article[data-label]{background:#f4f6f4}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:14px/1.45 ui-monospace,monospace;max-height:24rem;overflow:auto}
button{font:inherit;padding:.2rem .8rem;margin-right:.4rem}button[aria-pressed=true]{background:#2a5;color:#fff}
header{position:sticky;top:0;background:#fff;padding:.5rem 0;border-bottom:1px solid #ccc}`

// Labels stay in the page until they are saved; saving downloads one JSON file.
const SCRIPT = `const page=document.querySelector('main').dataset,labels={};
function show(){document.querySelector('output').textContent=Object.keys(labels).length+' of '+document.querySelectorAll('article').length+' judged'}
addEventListener('click',e=>{const b=e.target.closest('button');if(!b)return;const a=b.closest('article');
if(a){labels[a.dataset.id]=b.dataset.label;a.dataset.label=b.dataset.label;for(const o of a.querySelectorAll('button'))o.setAttribute('aria-pressed',o===b);show()}
else{const l=document.createElement('a');l.href=URL.createObjectURL(new Blob([JSON.stringify({run:page.run,seed:+page.seed,sample:+page.sample,labels})],{type:'application/json'}));l.download='audit-labels.json';l.click()}});show()`

/** A self-contained HTML file. */
export function auditPage({ name, seed, sample, items }: AuditPage): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit of ${name}</title><style>${trusted(STYLE)}</style></head>
<body><main data-run="${name}" data-seed="${String(seed)}" data-sample="${String(sample)}">
<header><h1>Audit of ${name}</h1><p>Is the final answer of each text right, by the gold answer and the question? Right, wrong, or unclear where the
gold answer itself is in doubt. <output></output> <button>Save labels</button></p></header>
${items.map(article)}
</main><script>${trusted(SCRIPT)}</script></body></html>
`.markup
}

function article(item: AuditPage['items'][number]): Markup {
  return html`<article data-id="${String(item.id)}"><h2>Question</h2><pre>${item.question}</pre>
<h2>Gold answer</h2><pre>${item.gold}</pre><h2>Text</h2><pre>${item.text}</pre>
<p><button data-label="right">Right</button><button data-label="wrong">Wrong</button><button data-label="unclear">Unclear</button></p></article>
`
}
