// Fields of more than a line, by the classes that their names give them; told a moment after the last key, wherever they stand.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const held = (parentElement.typing ??= { changed: new Set(), waiting: 0 })
  Object.assign(held, { fields: data.fields, tell: setTriggerValue })
  if (held.stop) return held.stop
  const told = () => {
    const typed = {}
    for (const name of held.changed) {
      const field = document.querySelector(`.${name} textarea`)
      if (field) typed[name] = field.value
    }
    held.changed.clear()
    if (parentElement.isConnected && Object.keys(typed).length) held.tell("typed", typed)
  }
  const typing = (event) => {
    const name = held.fields.find((one) => event.target.closest(`.${one}`))
    if (!name) return
    held.changed.add(name)
    clearTimeout(held.waiting)
    held.waiting = setTimeout(told, data.wait)
  }
  // What is sent now is no draft any more.
  const sent = (event) => { if (event.target.closest('[data-testid="stFormSubmitButton"]')) clearTimeout(held.waiting) }
  document.addEventListener("input", typing)
  document.addEventListener("click", sent)
  held.stop = () => {
    clearTimeout(held.waiting)
    document.removeEventListener("input", typing)
    document.removeEventListener("click", sent)
    delete parentElement.typing
  }
  return held.stop
}
