"""What pages show, kept in the server until something that it was read from changes. The only cache of figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import streamlit as st

from scorecard.store.engine import Store

T = TypeVar("T")
KEPT = 64


def kept(most: int = KEPT, saying: str = "") -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A function of a store and of words: its value is kept for each of them, the `most` that were used last.

    A parameter whose name begins with `_` is not part of what is asked. `saying` is said while it takes long.
    """

    def around(work: Callable[..., T]) -> Callable[..., T]:
        name, asks = f"{work.__module__}.{work.__qualname__}", list(inspect.signature(work).parameters.values())[1:]

        @wraps(work)
        def asked(store: Store, *given: Any) -> T:
            whole = (*given, *(ask.default for ask in asks[len(given):]))
            key = tuple(value for ask, value in zip(asks, whole, strict=True) if not ask.name.startswith("_"))
            return store.kept.get(name, key, lambda: _done(store, given), most)

        def _done(store: Store, given: tuple[Any, ...]) -> T:
            if not saying:
                return work(store, *given)
            with st.spinner(saying):
                return work(store, *given)

        return asked

    return around
