// The stylesheet of every part of a page: fetched once, and shared by all of them.
const sheet = new CSSStyleSheet()
try {
  const answer = await fetch(new URL("../../../style.css", import.meta.url))
  if (answer.ok) await sheet.replace(await answer.text())
} catch {}

export function dress(element) {
  const root = element.getRootNode()
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}
