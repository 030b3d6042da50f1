"""Drafts of forms: what somebody has typed and not saved yet, by person and form. They never get into a backup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Draft:
    """What was typed into the text fields of a form, by their names, and when (UTC)."""

    content: dict[str, str]
    saved_at: datetime


def get(tx: Tx, person: str, form: str) -> Draft | None:
    """The draft of a person in a form."""
    row = tx.one("SELECT content, saved_at FROM form_draft WHERE person = $1 AND form = $2", (person, form))
    return Draft(json.loads(row[0]), row[1]) if row else None


def put(tx: Tx, person: str, form: str, content: dict[str, str]) -> None:
    """Nothing; the draft stands instead of the one before."""
    drop(tx, person, form)
    tx.run("INSERT INTO form_draft VALUES ($1, $2, $3, $4)", (person, form, json.dumps(content, ensure_ascii=False), tx.now))


def drop(tx: Tx, person: str, form: str) -> None:
    """Nothing; there is no draft."""
    tx.run("DELETE FROM form_draft WHERE person = $1 AND form = $2", (person, form))


def forget_before(tx: Tx, moment: datetime) -> None:
    """Nothing; older drafts are gone."""
    tx.run("DELETE FROM form_draft WHERE saved_at < $1", (moment,))
