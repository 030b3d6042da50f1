"""What the two engines share: a unit of work on a cursor of its own, and the ways in which it can fail."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from scorecard.errors import StoreBusy, StoreError


class Conflict(StoreBusy):
    """Somebody else changed the same rows first; the same work may succeed when it is done again."""


class SameKey(Conflict):
    """The key exists: added by somebody meanwhile (done again, the work will see it), or there before."""


class Lost(StoreError):
    """The database, or the connection to it, has to be opened again. `generation` says which opening failed."""

    def __init__(self, message: str, generation: int):
        super().__init__(message)
        self.generation = generation


class Unit(Protocol):
    """A transaction on its own cursor: rolled back at the end unless `commit` was called."""

    cursor: Any

    def commit(self) -> None: ...


class Engine(Protocol):
    """A database that the store works on."""

    place: str

    def unit(self, read_only: bool = False) -> AbstractContextManager[Unit]:
        """A new cursor in a new transaction. Driver errors leave it as Conflict, Lost or a StoreError."""

    def has(self, table: str) -> bool:
        """Whether there is a table of this name, one of ours."""

    def reopen(self, generation: int) -> bool:
        """True when this call opened the database again; False when another thread had done so."""

    def native(self, cursor: Any, rows: list[tuple]) -> list[tuple]:
        """The rows as plain Python values: int, float, str, bool, date, datetime (UTC, naive), None."""

    def meeting(self, sql: str) -> str:
        """The statement so written that it conflicts with every other change of the same rows, however that is written."""

    def insert(self, cursor: Any, sql: str, rows: list[list[Any]]) -> None:
        """Run the statement once for each row, as fast as the engine can."""

    def close(self) -> None: ...
