// Who opened a menu by keyboard goes on in it: it lies at the end of the page. Once it is closed, the keyboard is where it was.
const CONTROLS = "button:not(:disabled), a[href], input:not(:disabled), textarea:not(:disabled)"

export default function (component) {
  const place = component.parentElement.querySelector(".place")
  if (!place || place.cameFrom) return
  const before = document.activeElement
  place.cameFrom = before
  const until = performance.now() + 3000
  const look = () => {
    const menu = (place.getRootNode().host ?? place).closest("[data-testid=stPopoverBody]")
    const first = menu?.querySelector(CONTROLS)
    if (first && document.activeElement === before) first.focus({ preventScroll: true })
    else if (!first && place.isConnected && performance.now() < until) requestAnimationFrame(look)
  }
  if (before?.matches(":focus-visible")) requestAnimationFrame(look)
  return () => {
    if (!document.activeElement || document.activeElement === document.body) before?.focus({ preventScroll: true })
  }
}
