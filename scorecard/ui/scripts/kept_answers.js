// Answers behind a personal link stay in the browser that gives them until they are sent: the server keeps nothing that somebody else
// with the same link could read. A window that begins anew with none gets back what this browser has.
const PREFIX = "seven-systems answers "

function forget(today) {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(PREFIX)) continue
    try { if (JSON.parse(localStorage.getItem(name)).until >= today) continue } catch { /* nothing that can be read */ }
    localStorage.removeItem(name)
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const place = parentElement.querySelector(".kept"), name = PREFIX + data.name, given = Object.keys(data.answers).length
  if (!place) return
  try {
    forget(data.today)
    if (data.over) localStorage.removeItem(name)
    else if (given) localStorage.setItem(name, JSON.stringify({ until: data.until, answers: data.answers }))
    const kept = given || data.over ? null : JSON.parse(localStorage.getItem(name))
    if (kept && !place.given) setTriggerValue("found", kept.answers)
    place.given = Boolean(kept)
  } catch { /* A browser that keeps nothing, or is full: the window has the answers. */ }
}
