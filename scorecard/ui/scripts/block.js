import { dress } from "./sheet.js"

// What scrolls sideways can be reached by keyboard, as long as it scrolls.
function reach(entries) {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
  }
}

// A plain click on a link to a page of the app is handed to Python, so that the page changes without loading again.
// With a modifier key, or the middle button, the browser follows the address as usual.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const block = parentElement.querySelector(".block")
  if (!block) return
  dress(block)
  if (block.shown !== data.html) {
    block.innerHTML = data.html
    block.shown = data.html
    block.wide?.disconnect()
    block.wide = new ResizeObserver(reach)
    for (const part of block.querySelectorAll(".scroll")) block.wide.observe(part)
  }
  block.onclick = (event) => {
    const link = event.target.closest("a[href]")
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0
    if (!link || elsewhere || !data.pages.includes(link.getAttribute("href").split("?")[0])) return
    event.preventDefault()
    setTriggerValue("opened", link.getAttribute("href"))
  }
  block.onkeydown = (event) => {
    if (event.key !== "Escape") return
    for (const open of block.querySelectorAll("details[open]")) open.open = false
  }
}
