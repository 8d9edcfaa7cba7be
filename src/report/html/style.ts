/** The report's style sheet: system fonts, light and dark, phone and paper. */

import { CHART_STYLE, PALETTE } from './palette.ts'

export const STYLE = `${PALETTE}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1040px; margin: 0 auto; padding: 40px 24px 72px; }
header { margin-bottom: 36px; }
.eyebrow { color: var(--soft); font-size: 14px; margin: 0 0 10px; overflow-wrap: anywhere; }
.state { display: inline-block; border-radius: 99px; padding: 1px 10px; margin-left: 6px; background: var(--panel); color: var(--ink); font-size: 13px; }
h1 { font-size: clamp(22px, 3.2vw, 31px); line-height: 1.28; letter-spacing: -0.012em; font-weight: 650; margin: 0 0 16px; max-width: 30em; text-wrap: pretty; overflow-wrap: anywhere; }
h1 span { font-weight: 400; color: var(--soft); }
header p { max-width: 44em; margin: 6px 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; letter-spacing: -0.006em; margin: 52px 0 14px; padding-top: 18px; border-top: 1px solid var(--grid); }
h3 { font-size: 16px; margin: 0; }
.note { border-left: 3px solid var(--warn); background: var(--panel); padding: 10px 16px; border-radius: 0 6px 6px 0; margin: 18px 0 0; max-width: 46em; }
.note p { margin: 3px 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 1px; margin: 26px 0 0; padding: 0; background: var(--grid); border: 1px solid var(--grid); border-radius: 8px; overflow: hidden; }
.tiles div { flex: 1 1 140px; background: var(--paper); padding: 12px 16px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 0; font-size: 21px; font-weight: 600; letter-spacing: -0.01em; }
.tiles dd small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
${CHART_STYLE}.bar { margin: 18px 0 0; }
.bar h4 { margin: 0 0 5px; font-size: 15px; font-weight: 600; }
.bar h4 span { font-weight: 400; color: var(--soft); }
.stack { height: 22px; border-radius: 4px; background: var(--panel); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.stack rect { fill: var(--mark); }
.bar .legend { color: var(--soft); font-size: 13.5px; }
.bar .legend b { font-weight: 600; color: var(--ink); }
.wide-table { overflow-x: auto; margin: 0 0 14px; }
.wide-table:focus-visible { outline: 2px solid var(--one); outline-offset: 3px; }
table { border-collapse: collapse; font-size: 14.5px; min-width: 100%; }
.caption { color: var(--soft); font-size: 14px; margin: 28px 0 4px; }
h2 + .caption { margin-top: 0; }
th, td { padding: 6px 14px 6px 0; text-align: left; border-bottom: 1px solid var(--grid); white-space: nowrap; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 2px; }
thead th { color: var(--soft); font-weight: 500; font-size: 13.5px; vertical-align: bottom; }
tbody th { font-weight: 600; }
tr > :first-child { position: sticky; left: 0; background: var(--paper); }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
.number { text-align: right; }
td small { color: var(--soft); font-size: 13px; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .quiet { color: var(--soft); }
details { border-top: 1px solid var(--grid); }
details:last-of-type { border-bottom: 1px solid var(--grid); }
summary { cursor: pointer; padding: 9px 0; overflow-wrap: anywhere; }
summary .quiet { font-size: 14px; white-space: nowrap; }
details > :not(summary) { margin-left: 18px; }
.trace { margin: 0 0 18px 18px; }
.trace h4 { margin: 10px 0 3px; color: var(--soft); font-size: 13px; font-weight: 500; }
.trace p { margin: 0; }
pre, .text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
pre { margin: 0; background: var(--panel); border-radius: 6px; padding: 12px 14px; font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; max-height: 30em; overflow: auto; }
code { font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: minmax(110px, 190px) 1fr; gap: 5px 18px; margin: 0 0 18px; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.toc ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 10px 0; margin: 0 0 30px; border: 1px solid var(--grid); border-width: 1px 0; font-size: 14.5px; }
a { color: var(--one); text-underline-offset: 2px; }
.set { background: var(--panel); border-radius: 6px; padding: 12px 14px; max-height: 30em; overflow: auto; }
.cell-text { display: inline-block; white-space: normal; min-width: 240px; max-width: 460px; }
td small code, th small code { font-size: 12.5px; font-weight: 400; color: var(--soft); }
th .cell-text { font-weight: 400; }
.raw { border: 0; } .raw summary { font-size: 13px; color: var(--soft); padding: 4px 0; } .raw > :not(summary) { margin-left: 0; }
math { font-size: 1.08em; } menclose { border: 1px solid currentColor; padding: 1px 3px; }
h3.group { margin: 26px 0 8px; }
footer { margin-top: 44px; color: var(--soft); font-size: 13.5px; }
@media (max-width: 700px) {
  main { padding: 24px 16px 48px; }
  .charts { grid-template-columns: 1fr; gap: 32px; }
  svg.wide { display: none; }
  svg.narrow { display: block; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: 9px; }
  details > :not(summary), .trace { margin-left: 0; }
}
@media print {
  :root {
    color-scheme: light;
    --ink: #000; --soft: #444; --grid: #ccc; --paper: #fff; --panel: #f4f4f4; --faint: #bbb;
    --one: #2a66a8; --two: #b9601a; --three: #2b7a5b; --four: #b0434c; --five: #7fb2e0; --six: #7356a3; --seven: #a38a2c; --eight: #3f8f99;
    --good: #1d5c43; --bad: #8e2f38; --warn: #6b4a08;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  .wide-table { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 8px; }
  tr, .bar { break-inside: avoid; }
  pre, .set { max-height: none; overflow: visible; }
  .toc { display: none; }
}
`
