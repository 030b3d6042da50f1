// The fields of the nearest dialog or form, by their labels; told a moment after the last key.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const host = parentElement.getRootNode().host || parentElement
  const place = host.closest('[role="dialog"]') || host.closest('[data-testid="stVerticalBlock"]')
  if (!place || place.drafting === data.form) return
  place.drafting = data.form
  let waiting = 0
  const told = () => {
    if (!place.isConnected) return
    const typed = {}
    for (const field of place.querySelectorAll("textarea[aria-label], input[type=text][aria-label]")) {
      if (data.labels.includes(field.getAttribute("aria-label"))) typed[field.getAttribute("aria-label")] = field.value
    }
    const text = JSON.stringify(typed)
    if (text === place.toldDraft) return
    place.toldDraft = text
    setTriggerValue("typed", typed)
  }
  // What is sent now is no draft any more.
  place.addEventListener("click", (event) => { if (event.target.closest('[data-testid="stFormSubmitButton"]')) clearTimeout(waiting) })
  place.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(told, data.wait) })
}
