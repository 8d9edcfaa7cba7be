/** Dress of an answer that says nothing: colours, font switches, check marks, quotation marks, full-width characters. */

const MAY_BE_DRESSED =
  /\\(?:color|textcolor|colorbox|fcolorbox|large|Large|LARGE|huge|Huge|small|normalsize|tiny|bf|rm|it|sf|tt|em|bfseries|boldmath|scriptstyle|checkmark|blacksquare|square|Box|qed|phantom|vphantom|hphantom|x?cancel|bcancel|sout|st|mathstrut|strut|ensuremath)(?![A-Za-z])|["“”‘’✓✔✅∎\uff01-\uff5e。、]/

/** The answer without it; what is struck out is not an answer and becomes a word that says so. */
export function undressed(raw: string): string {
  if (!MAY_BE_DRESSED.test(raw)) return raw
  const text = raw
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/。+\s*$/, '')
    .replace(/、/g, ',')
    .replace(/\\(?:textcolor|colorbox)\s*\{[^{}]*\}\s*(?=\{)/g, '')
    .replace(/\\fcolorbox\s*\{[^{}]*\}\s*\{[^{}]*\}\s*(?=\{)/g, '')
    .replace(/\\color\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}/g, ' ')
    .replace(
      /\\(?:large|Large|LARGE|huge|Huge|small|normalsize|tiny|bfseries|boldmath|scriptstyle|mathstrut|strut|ensuremath|(?:bf|rm|it|sf|tt|em)(?!\s*[RZNQC]\b))(?![A-Za-z])\s*/g,
      '',
    )
    .replace(/\\[vh]?phantom\s*\{[^{}]*\}/g, ' ')
    .replace(/\\(?:[xb]?cancel|sout|st)\s*(?=\{)/g, '\\text{ not }')
    .replace(
      /(?:\s|\\[,;: ]|\\quad|~)*(?:\\(?:checkmark|blacksquare|square|Box|qed)(?![A-Za-z])|[✓✔✅∎])\s*(?=\$?\s*\.?\s*$)/g,
      '',
    )
  return unquoted(text)
}

/** Quotation marks around the whole. */
function unquoted(text: string): string {
  const [, inside] = /^\s*["“”'‘`]([^"“”‘’]*)["“”'’]\.?\s*$/.exec(text) ?? []
  return inside === undefined || /'$|^'/.test(text.trim()) ? text : inside
}
