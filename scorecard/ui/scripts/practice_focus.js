// The lines of a practice may be drawn after this: their place is waited for, for as long as a reader would.
export default function (component) {
  const { data, parentElement } = component
  const place = parentElement.querySelector(".place")
  if (!place || place.opened === data.lines) return
  place.opened = data.lines
  const until = performance.now() + 3000
  const look = () => {
    if (!data.lines || place.opened !== data.lines || performance.now() > until) return
    const lines = document.querySelector(`.${CSS.escape(data.lines)}`)
    const line = lines?.querySelector("input:checked") || lines?.querySelector("input")
    if (line) line.focus()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
