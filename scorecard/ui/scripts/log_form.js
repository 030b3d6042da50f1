// The form of the page Log. What is typed lives here and in the browser's own storage until the server has said that it is stored:
// a lost connection, a refusal or a closed tab loses nothing. Each form has a mark, and a mark is stored once.
import { dress } from "./sheet.js"

const KEPT_HOURS = 12, PATIENCE = 9000, TYPING = 160

const fresh = (kind) => ({ mark: crypto.getRandomValues(new Uint32Array(4)).join("-"), kind, account: "", name: "", fields: {}, at: Date.now() })
const kept = (key) => {
  try {
    const found = JSON.parse(localStorage.getItem(key) || "null")
    return found && Date.now() - found.at < KEPT_HOURS * 3600e3 ? found : null
  } catch { return null }
}

class Log {
  constructor(root) {
    this.root = root
    this.root.addEventListener("submit", (event) => { event.preventDefault(); this.save() })
    this.root.addEventListener("input", (event) => this.typed(event))
    this.root.addEventListener("click", (event) => this.clicked(event))
    this.root.addEventListener("keydown", (event) => this.pressed(event))
    this.root.addEventListener("focusin", (event) => { if (event.target === this.search) this.open() })
    this.root.addEventListener("focusout", (event) => { if (event.target === this.search) setTimeout(() => this.close(), 150) })
    addEventListener("offline", () => { if (this.root.isConnected) this.lost() })
  }
  $(selector) { return this.root.querySelector(selector) }
  get search() { return this.$("#log-account") }
  get found() { return this.$("#log-found") }

  show(data, tell) {
    this.tell = tell
    const first = !this.data, before = this.data || {}
    this.data = data
    if (first || before.person !== data.person) this.begin()
    if (before.form !== data.form) { this.$(".frame").innerHTML = data.form; this.restore() }
    if (before.today !== data.today) this.$(".today").innerHTML = data.today
    if (data.hits && data.hits !== before.hits) this.listed(data.hits)
    this.about(data.about)
    if (data.done === this.draft.mark) this.stored()
    if (data.refused && data.refused.mark === this.draft.mark && data.refused.at !== before.refused?.at) this.problem(data.refused.text)
  }
  begin() {
    this.key = `seven-systems-log:${this.data.person}`
    this.draft = kept(this.key) || fresh("touch")
    const asked = this.data.begin
    if (asked.account && asked.account !== this.draft.account) Object.assign(this.draft, { account: asked.account, name: asked.name })
    if (asked.kind) this.draft.kind = asked.kind
  }
  keep() { try { localStorage.setItem(this.key, JSON.stringify({ ...this.draft, at: Date.now() })) } catch {} }

  // ---- what is filled in
  restore() {
    for (const field of this.root.querySelectorAll("form.log [name]")) {
      const said = this.draft.fields[field.name] || []
      if (field.name === "kind") field.checked = field.value === this.draft.kind
      else if (field.type === "radio" || field.type === "checkbox") { if (this.draft.fields[field.name]) field.checked = said.includes(field.value) }
      else field.value = said[0] || ""
    }
    this.account(); this.arrange()
  }
  read(wanted) {
    const fields = {}
    for (const field of this.root.querySelectorAll("form.log [name]")) {
      if (field.name === "kind") continue
      fields[field.name] ||= []
      if (wanted(field) && (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value)) fields[field.name].push(field.value)
    }
    return fields
  }
  arrange() {
    const kind = this.draft.kind, fields = this.draft.fields
    for (const part of this.root.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind
    for (const part of this.root.querySelectorAll("[data-contract]"))
      part.hidden = kind !== "handoff" || part.dataset.contract !== (fields.contract || [])[0] || (fields.outcome || [])[0] !== "returned"
    for (const rest of this.root.querySelectorAll(".rest")) if (rest.querySelector("input:checked")) this.unfold(rest.parentElement)
    const chosen = this.$(`input[name=kind][value=${CSS.escape(kind)}]`)
    this.$(".save .what").textContent = chosen ? chosen.nextElementSibling.textContent.toLowerCase() : ""
    this.$(".warn").hidden = kind !== "deposit"
  }
  unfold(chips) {
    const button = chips.querySelector(".more")
    chips.querySelector(".rest").hidden = false
    if (button) button.hidden = true
  }
  typed(event) {
    if (event.target === this.search) return this.seek()
    if (event.target.name === "kind") this.draft.kind = event.target.value
    if (event.target.name === "due") this.$("[name=other_day]").value = ""
    if (event.target.name === "other_day" && event.target.value) for (const one of this.root.querySelectorAll("[name=due]")) one.checked = false
    this.draft.fields = this.read(() => true)
    this.arrange(); this.keep(); this.problem(""); this.$(".said").textContent = ""
  }
  clicked(event) {
    const on = (selector) => event.target.closest(selector)
    if (on(".more")) { const chips = on(".more").parentElement; this.unfold(chips); chips.querySelector(".rest input")?.focus() }
    else if (on(".other")) { Object.assign(this.draft, { account: "", name: "" }); this.keep(); this.account(); this.search.value = ""; this.search.focus() }
    else if (on("[data-account]")) this.pick(on("[data-account]"))
    else if (on("[data-undo]")) this.undo(on("[data-undo]"))
    else if (on("a[href]") && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) { event.preventDefault(); this.tell("opened", on("a[href]").getAttribute("href")) }
  }
  undo(button) {
    if (button.disabled) return
    button.disabled = true
    this.tell("undone", button.dataset.undo)
    setTimeout(() => { button.disabled = false }, PATIENCE)
  }
  pressed(event) {
    if (event.target === this.search) return this.moved(event)
    if (event.key === "Enter" && event.target.name === "words" && !event.isComposing && !event.shiftKey) { event.preventDefault(); this.save() }
  }

  // ---- the account
  account() {
    const chosen = this.$(".chosen"), there = Boolean(this.draft.account)
    chosen.hidden = !there
    this.search.hidden = there
    chosen.querySelector("b").textContent = this.draft.name || this.draft.account
    if (!there) { this.$(".warn").innerHTML = ""; chosen.querySelector(".sub").textContent = "" }
    else if (this.data.about?.account !== this.draft.account) { chosen.querySelector(".sub").textContent = ""; this.tell("picked", this.draft.account) }
    else this.about(this.data.about)
  }
  about(told) {
    if (!told || told.account !== this.draft.account || !this.$(".chosen")) return
    this.$(".chosen .sub").textContent = told.told
    this.$(".chosen b").textContent = this.draft.name = told.name
    if (this.$(".warn").shown !== told.warning) { this.$(".warn").innerHTML = told.warning; this.$(".warn").shown = told.warning }
  }
  options() { return [...this.found.querySelectorAll("[data-account]:not([hidden])")] }
  open() { this.found.innerHTML = this.search.value && this.data.hits?.words === this.search.value.trim() ? this.data.hits.html : this.data.own; this.narrow(); this.spread(true) }
  close() { if (this.found && this.root.getRootNode().activeElement !== this.search) this.spread(false) }
  spread(open) { this.found.hidden = !open || !this.found.children.length; this.search.setAttribute("aria-expanded", String(!this.found.hidden)) }
  narrow() {
    const bare = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    const words = bare(this.search.value).split(/\s+/).filter(Boolean)
    for (const one of this.found.querySelectorAll("[data-account]")) {
      const text = bare(one.dataset.name), id = one.dataset.account.toLowerCase()
      one.hidden = !words.every((word) => text.includes(word) || id.startsWith(word))
    }
    this.point(this.search.value ? 0 : -1)
  }
  seek() {
    this.open()
    clearTimeout(this.waiting)
    const words = this.search.value.trim()
    if (words) this.waiting = setTimeout(() => this.tell("sought", words), TYPING)
  }
  listed(hits) {
    if (this.search.hidden || this.search.value.trim() !== hits.words) return
    this.found.innerHTML = hits.html
    this.point(0)
    this.spread(this.root.getRootNode().activeElement === this.search)
  }
  point(at) {
    const found = this.options()
    for (const one of found) one.setAttribute("aria-selected", "false")
    this.at = Math.max(-1, Math.min(at, found.length - 1))
    const now = found[this.at]
    if (now) { now.setAttribute("aria-selected", "true"); now.scrollIntoView({ block: "nearest" }); this.search.setAttribute("aria-activedescendant", now.id) }
    else this.search.removeAttribute("aria-activedescendant")
  }
  moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) { event.preventDefault(); if (this.found.hidden) this.open(); this.point((this.at ?? -1) + step) }
    else if (event.key === "Escape") this.spread(false)
    else if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); const now = this.options()[Math.max(this.at, 0)]; if (now && !this.found.hidden) this.pick(now) }
  }
  pick(option) {
    Object.assign(this.draft, { account: option.dataset.account, name: option.dataset.name })
    this.search.value = ""
    this.keep(); this.problem(""); this.account(); this.spread(false)
    this.$("input[name=kind]:checked")?.focus({ preventScroll: true })
  }

  // ---- saving
  save() {
    if (this.sending) return
    this.keep(); this.problem("")
    this.busy(true)
    this.sending = setTimeout(() => this.lost(), PATIENCE)
    if (navigator.onLine === false) return this.lost()
    this.tell("saved", { mark: this.draft.mark, kind: this.draft.kind, account: this.draft.account, fields: this.read((field) => !field.closest("fieldset[hidden]")) })
  }
  busy(yes) {
    this.$(".save").setAttribute("aria-disabled", String(yes))
    if (!yes) { clearTimeout(this.sending); this.sending = 0 }
  }
  lost() { if (this.sending && this.$(".problem")) this.problem("Not saved yet: the connection is lost. What you typed is kept here. Save again when you are connected; it is stored once.") }
  problem(text) {
    const place = this.$(".problem")
    if (text) this.busy(false)
    if (place.textContent !== text) place.textContent = text
    place.hidden = !text
  }
  stored() {
    const kind = this.draft.kind
    this.busy(false)
    try { localStorage.removeItem(this.key) } catch {}
    this.draft = fresh(kind)
    this.$("form.log").reset()
    for (const rest of this.root.querySelectorAll(".rest")) { rest.hidden = true; const more = rest.parentElement.querySelector(".more"); if (more) more.hidden = false }
    this.restore(); this.problem("")
    this.$(".said").textContent = this.data.said
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".log-page")
  if (!root) return
  dress(root)
  root.log ||= new Log(root)
  root.className = `log-page ss thumb ${data.mode}`
  root.log.show(data, setTriggerValue)
}
