"""The page Audit: whether the chain holds, who changed what, and files that somebody else can verify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import access, auditing, jobs
from scorecard.auditing import SIZE
from scorecard.output import audit_files, audit_tables, source_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.audit_rows import ALL, Choices, Filter
from scorecard.store import verifying
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.ui import block, downloads, forms, menus, state
from scorecard.ui.state import Page

BY, DONE, OF, ONLY, WORDS, FROM, TO = "by", "action", "object", "only", "words", "from", "to"
_AT, _FOR, _ASKED = "audit pages", "audit pages of", "audit verification"
SECONDS = 1.0
# On a phone two filters stand side by side.
_STYLE = """<style>@media (max-width: 640px) { .st-key-audit-filters > div { flex: 1 1 42%; width: auto !important; min-width: 0; } }</style>"""
Here = Callable[[object, str], Job]


def draw(page: Page, here: Here) -> None:
    """The page. `here` does a job in place, where no worker of a server does it."""
    zone = ZoneInfo(state.house(page.store).organisation.time_zone)
    top = st.container()
    _holds(page, zone)
    wanted = _filter(auditing.choices(page.store, page.actor), zone)
    with top:
        _top(page, wanted, zone, here)
    _rows(page, wanted, zone)


def _top(page: Page, wanted: Filter, zone: ZoneInfo, here: Here) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap=None, width="content"):
            st.title("Audit", anchor=False)
            st.caption(f"Who changed what, and when · every row is bound to the one before · times in {zone.key}")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            menus.draw(lambda: _files(page, wanted), gap="small")
            if st.button("Verify", icon=":material/verified_user:", help="Every row is read, and its hash computed again."):
                _verify(page, here)


# -- whether it holds


def warn(store: Store) -> None:
    """A line above every page of who may read the audit, while it does not hold."""
    checked = verifying.last(store)
    if checked and not checked.ok and access.may(state.actor(store), auditing.ACTION):
        st.error(f"The audit does not hold: {escape_sentence(checked.problems[0])} The page Audit says what to do.", icon=":material/link_off:")


def _holds(page: Page, zone: ZoneInfo) -> None:
    block.draw(audit_tables.says(auditing.state(page.store, page.actor), page.now, _clock(zone)), key="audit holds")
    found = [one for one in jobs.unfinished(page.store) if one.kind == auditing.JOB]
    st.session_state[_ASKED] = [one.id for one in found]
    if found:
        st.fragment(_working, run_every=SECONDS)(page)


def _working(page: Page) -> None:
    found = [one for one in jobs.unfinished(page.store) if one.kind == auditing.JOB]
    if [one.id for one in found] != st.session_state.get(_ASKED):
        st.rerun()  # It ended: what stands above is no longer right.
    for one in found:
        st.progress(min(max(one.progress, 0.0), 1.0), text=escape_markdown(source_tables.progress(one, state.now())))


def _verify(page: Page, here: Here) -> None:
    """A short chain is read at once; a long one by a job, so that nobody waits."""
    def work(store) -> None:
        if auditing.state(page.store, page.actor).head.seq <= auditing.AT_ONCE:
            auditing.verify(page.store, page.actor, page.now)
            return
        job = jobs.ask(store, page.actor, auditing.JOB, {})
        if not page.store.attended:
            here(page.store, job.id)

    forms.save("verify audit", page.store, work, "")


# -- what is asked for


def _filter(known: Choices, zone: ZoneInfo) -> Filter:
    """The filters, which stand in the address, as what is asked of the store."""
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="audit-filters"):
        words = st.text_input("Words", key=WORDS, bind="query-params", placeholder="in any column", max_chars=100, width=190)
        by = _choice("Person", BY, sorted(known.actors, key=str.casefold), 180)
        done = _choice("Action", DONE, sorted(known.actions), 180)
        kinds = {kind: audit_tables.kind_words(kind) for kind in known.kinds}
        of = _one_object() or _choice("Object", OF, sorted(kinds, key=lambda kind: (kinds[kind].casefold(), kind)), 200, kinds.get)
        first = st.date_input("From", None, key=FROM, bind="query-params", format="YYYY-MM-DD", width=128)
        last = st.date_input("To", None, key=TO, bind="query-params", format="YYYY-MM-DD", width=128)
    return Filter(by, done, of, words.strip(), _utc(first, zone), _utc(last + timedelta(days=1), zone) if last else None)


def _choice(label: str, key: str, options: list[str], width: int, words: Callable[[str], str] = str) -> str:
    """What is chosen, "" for all."""
    return st.selectbox(label, ["", *options], key=key, bind="query-params", format_func=lambda one: words(one) if one else "all", width=width) or ""


def _one_object() -> str:
    """The object whose changes alone a link asks for, with a way back to all; "" without one."""
    only = str(st.query_params.get(ONLY, ""))[:300]
    if only:
        kind, name = audit_tables.named(only)
        if st.button(f"Only {escape_sentence(f'{kind} {name}'.strip())}", icon=":material/close:", help="Show the changes of all objects again."):
            del st.query_params[ONLY]
            st.rerun()
    return only


def _utc(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day where the organisation is, as a moment in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None) if day else None


def _clock(zone: ZoneInfo) -> audit_tables.Clock:
    return lambda moment: moment.replace(tzinfo=UTC).astimezone(zone)


# -- the rows


def _rows(page: Page, wanted: Filter, zone: ZoneInfo) -> None:
    if st.session_state.get(_FOR) != wanted:
        st.session_state[_FOR], st.session_state[_AT] = wanted, []
    before = st.session_state[_AT]
    found = auditing.page(page.store, page.actor, wanted, before[-1] if before else None)
    if not found.rows:
        st.caption("Nothing is found. Take a word or a filter away." if wanted != ALL else "Nothing was changed yet.")
        return
    block.draw(audit_tables.table(found.rows, page.now, _clock(zone), lambda object: block.address("audit", only=object)), key="audit rows")
    first = len(before) * SIZE + 1
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{first:,} to {first + len(found.rows) - 1:,} of {found.count:,}")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if st.button("Newer", icon=":material/chevron_left:", disabled=not before):
                st.session_state[_AT] = before[:-1]
                st.rerun()
            if st.button("Older", icon=":material/chevron_right:", icon_position="right", disabled=found.older is None):
                st.session_state[_AT] = [*before, found.older]
                st.rerun()


# -- files


def _files(page: Page, wanted: Filter) -> None:
    rows = auditing.state(page.store, page.actor).head.seq
    some = rows > auditing.MOST_IN_A_FILE
    downloads.button(f"**JSON lines**, {'the newest ' if some else ''}{min(rows, auditing.MOST_IN_A_FILE):,} rows, to verify",
                     lambda: audit_files.json_lines(*auditing.exported(page.store, page.actor, ALL), page.now),
                     "audit.jsonl", key="export audit jsonl", icon=":material/data_object:", type="tertiary")  # fmt: skip
    told = "all rows" if wanted == ALL else "the rows that are shown, on every page"
    downloads.button(f"**CSV**, {told}", lambda: "\ufeff" + audit_files.csv(*auditing.exported(page.store, page.actor, wanted), page.now),
                     "audit.csv", key="export audit csv", icon=":material/csv:", type="tertiary")  # fmt: skip
    downloads.button(f"**Excel**, {told}", lambda: audit_files.workbook(*auditing.exported(page.store, page.actor, wanted), page.now),
                     "audit.xlsx", key="export audit xlsx", icon=":material/table:", type="tertiary")  # fmt: skip
    st.caption(f"Each carries the head of the chain; docs/audit.md says how somebody else verifies the first with 20 lines of Python. A file of the page holds "
               f"{auditing.MOST_IN_A_FILE:,} rows, Excel {audit_files.MOST_IN_A_BOOK:,}; `python -m scorecard audit --file audit.jsonl` writes all.")
