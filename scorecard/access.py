"""Who may do what: one table of role × action, and the one function that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.errors import NotAllowed

ROLES = ("viewer", "member", "analyst", "leader", "admin")

_EVERYONE = frozenset(ROLES)
_WORKERS = frozenset({"member", "analyst", "leader", "admin"})
_TEAM = frozenset({"member", "analyst", "leader"})
_BUILDERS = frozenset({"analyst", "leader", "admin"})
_LEADER = frozenset({"leader"})
_ADMIN = frozenset({"admin"})

# Actions that share a row of the table share its words, and therefore its roles.
ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "read_scorecard": ("Read the scorecard and packs", _EVERYONE),
    "log_records": ("Log touches, deposits, promises", _WORKERS),
    "assess": ("Assess maturity, comment", _TEAM),
    "own_data": ("Own data about oneself", _EVERYONE),
    "load_files": ("Load files, edit measures", _BUILDERS),
    "edit_measures": ("Load files, edit measures", _BUILDERS),
    "change_goals": ("Change goals, lock limits", _LEADER),
    "lock_limits": ("Change goals, lock limits", _LEADER),
    "decide": ("Decide, sign a month", _LEADER),
    "read_people": ("Read people data of own team", _LEADER),
    "make_links": ("Make and end share links", _LEADER),
    "issue_sign_in": ("Sign-in links, ending sessions", frozenset({"leader", "admin"})),
    "manage_members": ("Members, roles, backups", _ADMIN),
    "read_audit": ("Read the audit", frozenset({"leader", "admin"})),
}


@dataclass(frozen=True)
class Actor:
    """The person who asks: `person` is the id in the member table."""

    person: str
    name: str
    role: str
    team: str = ""


@dataclass(frozen=True)
class Row:
    """One line of "Who may do what": its words and, for each of ROLES, yes or no."""

    words: str
    allowed: tuple[bool, ...]


def may(actor: Actor | None, action: str) -> bool:
    """True when the actor's role may do the action; an unknown role, action or nobody is no."""
    return actor is not None and actor.role in ACTIONS.get(action, ("", frozenset()))[1]


def require(actor: Actor | None, action: str) -> None:
    """Nothing, when the actor may. Raises NotAllowed with a sentence that says who may instead."""
    if may(actor, action):
        return
    words, allowed = ACTIONS.get(action, (action, frozenset()))
    refused = f"{actor.name} ({actor.role}) may not do this" if actor else "Nobody is signed in, so this may not be done"
    roles = [role for role in ROLES if role in allowed]
    ask = f"Ask {_one_of(roles)}." if roles else "No role may."
    raise NotAllowed(f"{refused}: {words[:1].lower() + words[1:]}. {ask}")


def _one_of(roles: list[str]) -> str:
    named = [f"{'an' if role[0] in 'aeiou' else 'a'} {role}" for role in roles]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def table() -> tuple[Row, ...]:
    """The rows of "Who may do what", as Settings and the README show them."""
    rows = {words: Row(words, tuple(role in allowed for role in ROLES)) for words, allowed in ACTIONS.values()}
    return tuple(rows.values())


def markdown() -> str:
    """The table as Markdown: the README's section is this text, word for word."""
    head = f"| | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}\n"
    return head + "".join(f"| {row.words} | {' | '.join('yes' if yes else '–' for yes in row.allowed)} |\n"
                          for row in table())
