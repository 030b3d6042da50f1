"""What the pages read about actions, kept while the data and the day stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import actions, metrics
from scorecard.actions import Action, Change, Comment
from scorecard.core.definition import Definition
from scorecard.metrics import Board
from scorecard.output import action_tables
from scorecard.store import definitions, measures
from scorecard.store.engine import Store
from scorecard.ui import state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 32
LIST = "list"


@dataclass(frozen=True)
class Choices:
    """What a form about actions offers: measures that have figures, their grains and segments."""

    measures: dict[str, Definition]
    grains: dict[str, str]
    segments: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Whole:
    """One action with all that was said about it."""

    action: Action
    comments: tuple[Comment, ...]
    history: tuple[Change, ...]


def board(page: Page) -> Board:
    """The actions of the team, and of the person at the keyboard, beside the measures of the chosen scorecard."""
    return metrics.of_person(_board(page.store, page.today, page.scorecard), page.actor.person)


def own_open(page: Page) -> int:
    """How many actions of the person at the keyboard are open."""
    return len(actions.mine(_open(page.store), page.actor.person))


def lists(shown: Board) -> dict[str, str]:
    """The four lists with their counts: `Mine 7`."""
    return {name: f"{title} {len(getattr(shown, name))}" for name, title in action_tables.TITLES.items()}


def asked_list() -> str:
    """The list that the address asks for, else the own one."""
    asked = st.query_params.get(LIST, "")
    return asked if asked in action_tables.TITLES else next(iter(action_tables.TITLES))


def choices(page: Page) -> Choices:
    """What the forms offer."""
    return _choices(page.store)


def whole(page: Page, id: str) -> Whole:
    """One action as it is stored now."""
    with page.store.read() as tx:
        return Whole(actions.one(tx, id), tuple(actions.comments(tx, f"action:{id}")), tuple(actions.history(tx, id)))


def people(page: Page) -> dict[str, str]:
    """Active members, id -> name, in alphabetical order."""
    return {id: member.person.name for id, member in state.house(page.store).members.items()}


@kept(KEPT)
def _board(store: Store, today: date, card: str) -> Board:
    return metrics.board(store, card, today)


@kept(KEPT)
def _open(store: Store) -> list[Action]:
    with store.read() as tx:
        return actions.listed(tx, open_only=True)


@kept(KEPT)
def _choices(store: Store) -> Choices:
    with store.read() as tx:
        known = definitions.current(tx)
        parts = measures.parts(tx)
    found = {name: one for name, one in known.items() if name in parts}
    segments = {name: tuple(sorted(part for part in parts[name][1] if part)) for name in found}
    return Choices(found, {name: parts[name][0] for name in found}, segments)
