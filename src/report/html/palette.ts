/** Colours and charts that the report and the viewer share: light, dark and paper. */

/** Custom properties; charts and pages name colours by them. */
export const PALETTE = `
:root {
  color-scheme: light dark;
  --ink: #1d2129; --soft: #5c6470; --grid: #e3e6ea; --paper: #fdfdfc; --panel: #f5f6f7; --faint: #c3c9d1;
  --one: #2a66a8; --two: #b9601a; --three: #2b7a5b; --four: #b0434c; --five: #7fb2e0; --six: #7356a3; --seven: #a38a2c; --eight: #3f8f99;
  --good: #2b7a5b; --bad: #b0434c; --warn: #8a6110;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e8eb; --soft: #a0a8b3; --grid: #30353c; --paper: #16181b; --panel: #1f2226; --faint: #565e69;
    --one: #74aee8; --two: #e8a060; --three: #6cc3a0; --four: #ea868e; --five: #3d6f9f; --six: #b69be2; --seven: #d2bb62; --eight: #74c2cb;
    --good: #6cc3a0; --bad: #ea868e; --warn: #e0b463;
  }
}
`

/** Figures, legends and their colours, which are classes: the pages' policy allows no style attribute. */
export const CHART_STYLE = `
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 40px 36px; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figure.large { grid-column: 1 / -1; }
figcaption p { margin: 2px 0 0; color: var(--soft); font-size: 14px; }
svg { display: block; width: 100%; height: auto; }
svg.narrow { display: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 6px 0 2px; padding: 0; font-size: 14px; }
.legend li { display: inline-flex; align-items: center; gap: 7px; overflow-wrap: anywhere; }
.legend i { flex: none; display: inline-block; width: 14px; height: 10px; border-radius: 2px; background: var(--mark); }
.legend i.line { height: 3px; border-radius: 2px; width: 18px; }
.legend i.tick { height: 2px; border-radius: 0; width: 18px; }
.legend i.cross { background: none; width: auto; height: auto; }
.legend i.cross::before { content: "×"; font: 700 17px/1 system-ui, sans-serif; color: var(--mark); }
.c-one { --mark: var(--one); }
.c-two { --mark: var(--two); }
.c-three { --mark: var(--three); }
.c-four { --mark: var(--four); }
.c-five { --mark: var(--five); }
.c-six { --mark: var(--six); }
.c-seven { --mark: var(--seven); }
.c-eight { --mark: var(--eight); }
.c-ink { --mark: var(--ink); }
.c-faint { --mark: var(--faint); }
`
