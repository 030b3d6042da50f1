"""The menu Share: a read-only link with an end, and one segment's month as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import streamlit as st

from scorecard import access, reviews, sharing
from scorecard.core.periods import day
from scorecard.output import html, twins
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import downloads, forms, menus, mode, review_views, views
from scorecard.ui.state import Page
from scorecard.ui.views import Month

DAYS = 30
MONTH, LIVE, WALL, WALLS = "month", "live", "wall", "walls"
HERE_ONLY = ("This server answers on its own machine only, and so do its links: they open in a browser here. "
             "For somebody elsewhere, send the HTML file.")
_MADE = "link made"


def draw(page: Page, shown: Month) -> None:
    """The menu at the top right of the scorecard; a link that was just made is shown once, over the page."""
    show_made()
    part = page.segment if page.segment in shown.segments else ""
    links = access.may(page.actor, "make_links")
    if not links and not part:
        return

    def inside() -> None:
        if links:
            link_form(page, shown)
        if part:
            _segment_files(page, shown, part)

    menus.draw(inside, menus.SHARE, ":material/ios_share:", gap="small")


def _segment_files(page: Page, shown: Month, part: str) -> None:
    """The figures of one segment; those of all together are in the menu Export."""
    st.caption(f"Figures of {escape_markdown(part)}")
    name = f"{shown.id}-{shown.period}"
    download("CSV", name, "csv", lambda: twins.scorecard_csv(views.scorecard(page, shown)))
    download("JSON", name, "json", lambda: twins.json_text(twins.scorecard_json(views.scorecard(page, shown))))


def download(label: str, name: str, kind: str, build: Callable[[], str]) -> None:
    """A button that builds its file when it is pressed."""
    downloads.button(label, build, f"{name}.{kind}", key=f"download {kind}", width="stretch")


def show_made() -> None:
    """A link that was just made is shown once, over the page."""
    if _MADE in st.session_state:
        _show(*st.session_state.pop(_MADE))


def link_form(page: Page, shown: Month) -> None:
    """What makes a link: what it shows, what it is for, when it ends. Links open on this machine only, and it says so.

    No form: what is typed into one is lost when its menu is closed before it is sent.
    """
    uses = _uses(page, shown)
    with st.container(gap="small"):
        part = page.segment if page.segment in shown.segments else ""
        st.markdown("**Read-only link**")
        use = st.radio("It shows", list(uses), format_func=uses.get, key="link use", persist_state="session")
        st.caption(f"Scope: {escape_markdown(', '.join(filter(None, (shown.name, part))))}. Everybody who has the address can read it.")
        label = st.text_input("For", max_chars=sharing.LONGEST_LABEL, placeholder="such as Support room", key="link label", persist_state="session")
        ends = st.date_input(
            "Ends on",
            page.today + timedelta(days=DAYS),
            min_value=page.today,
            max_value=page.today + timedelta(days=sharing.LONGEST),
            key="link end",
            persist_state="session",
        )
        sent = st.button("Make the link", type="primary", width="stretch", key="make link")
    if sent:
        forms.save("link", page.store, lambda store: _make(store, page, shown, use, part, label, ends), "")
    _reach()
    download("HTML file to send", f"{shown.id}-{shown.period}", "html",
             lambda: _file(page, shown))


def _file(page: Page, shown: Month) -> str:
    """The month as one HTML file, with the decisions of its review when it is signed."""
    view = views.scorecard(page, shown)
    if view.signature is None:
        return html.month_file(view, page.actor.name, page.today)
    signed = reviews.month(page.store, view.id, view.period, page.today)
    beside = html.Beside(signed, review_views.clock(page)(view.signature.signed_at, True))
    return html.month_file(view, page.actor.name, page.today, beside)


def _uses(page: Page, shown: Month) -> dict[str, str]:
    """What a link can be for, with its words."""
    uses = {MONTH: shown.period.label, LIVE: "the live scorecard: always the latest complete month",
            WALL: "a wall: full screen, refreshes itself"}
    return uses | ({WALLS: "a wall with all scorecards in turn"} if len(page.scorecards) > 1 else {})


def _make(store: Store, page: Page, shown: Month, use: str, segment: str, label: str, ends: date) -> None:
    made = sharing.make(
        store, page.actor, "" if use == WALLS else shown.id, shown.period, segment, ends, page.today,
        live=use == LIVE, wall=use in (WALL, WALLS), label=label,
    )
    st.session_state[_MADE] = (origin() + made.path, day(ends))


@st.dialog("Copy the link now")
def _show(address: str, ends: str) -> None:
    st.code(address, language=None, wrap_lines=True)
    st.markdown(f"It is shown this once, and ends on {ends}. Settings lists all links; there its end can be changed.")
    _reach()


def _reach() -> None:
    """Where the links of this server open, when that is not everywhere."""
    if mode.current().local:
        st.caption(HERE_ONLY)


def origin() -> str:
    """The address of this server: that of its settings, else as the reader wrote it: `http://localhost:8501`."""
    if mode.current().address:
        return mode.current().address
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}"
