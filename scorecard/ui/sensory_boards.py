"""Listening posts, findings with their sessions, the environment and assumptions on the page Sensory."""

from __future__ import annotations

from datetime import date


from scorecard import plan_links
from scorecard.core.reading import Sentence
from scorecard.output import sensory_boards, sensory_tables, tables
from scorecard.sensory import environment, feedback
from scorecard.sensory import posts as listening
from scorecard.store.engine import Store
from scorecard.ui import block, register_board, sensory_views
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16


def posts(page: Page) -> None:
    """The matrix, what nobody hears, and the register of posts."""
    found = sensory_views.found(page, sensory_views.chosen(page)).matrix
    sensory_views.head(page, "Listening posts", "Own and third-party, by segment; the share of accounts heard in 90 days", by_segment=True)
    block.draw(tables.says([Sentence(*listening.sentence(found))]) + f'<div class="sn-low"><section>{sensory_tables.posts(found, sensory_views.ways(), whole=True)}</section>'
               f"<section>{sensory_boards.blind_spots(listening.blind_spots(found))}</section></div>", key="posts matrix")
    register_board.board(page, "listening_post", title="Written down")


def findings(page: Page) -> None:
    """Findings by department, then the registers of findings and sessions."""
    segment = sensory_views.chosen(page)
    drawn = _departments(page.store, page.today, segment)
    sensory_views.head(page, "Findings and feedback sessions", "A finding goes to a department, is answered in a session, and is closed when the customer was told",
                       by_segment=True)
    if drawn:
        block.draw(drawn, key="departments")
    register_board.board(page, "finding", where={"segments": segment} if segment else None, given={"segments": [segment]} if segment else None,
                         told=f"about {segment}" if segment else "")
    register_board.board(page, "feedback_session")


@kept(KEPT)
def _departments(store: Store, today: date, segment: str) -> str:
    found = feedback.read(store, today, segment)
    return tables.says([Sentence(*feedback.sentence(found))]) + f'<div class="upper">{sensory_boards.departments(found)}</div>' if found.findings else ""


def surroundings(page: Page) -> None:
    """The environment in six fields, and its register."""
    found = environment.fields(page.store)
    sensory_views.head(page, "Environment", environment.sentence(found) or "What is changing around us, in six fields")
    bears = _bears(page.store, page.today)
    block.draw(sensory_boards.environment(found, lambda id: sensory_views.address("environment", record=f"environment:{id}"), bears), key="six fields")
    register_board.board(page, "environment", title="All entries")


@kept(KEPT)
def _bears(store: Store, today: date) -> dict[str, tuple[str, str]]:
    """Entry -> the goal of the plan that it bears on, and its address."""
    wanted = {entry.id: str(entry.values["goal"]) for field in environment.fields(store) for entry in field.entries if entry.values.get("goal")}
    with store.read() as tx:
        found = plan_links.goals(tx, wanted.values())
    return {id: (found[goal].words, block.address("planning", record=f"plan_goal:{goal}")) for id, goal in wanted.items() if goal in found}


def assumptions(page: Page) -> None:
    """The assumptions that are due, and their register."""
    found = environment.challenges(page.store, page.today)
    sensory_views.head(page, "Assumptions", "What we take for true, how each is tested, when it is challenged next")
    drawn = sensory_boards.due(found, lambda id: sensory_views.address("assumptions", record=f"assumption:{id}"), page.today)
    if drawn:
        block.draw(drawn, key="due assumptions")
    register_board.board(page, "assumption", title="All assumptions")
