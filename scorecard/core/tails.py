"""Chances and quantiles of the usual distributions: scipy's, imported when the first is asked for.

Importing `scipy.special` takes a sixth of a second, and most starts of a command never ask.
"""

from __future__ import annotations

from typing import Any


def _special() -> Any:
    from scipy import special

    return special


def expit(x: Any) -> Any:
    """The chance (0 to 1) that belongs to log odds."""
    return _special().expit(x)


def ndtr(x: Any) -> Any:
    """The chance that a standard normal value is at most x."""
    return _special().ndtr(x)


def ndtri(p: Any) -> Any:
    """The standard normal value that is not exceeded with chance p."""
    return _special().ndtri(p)


def chdtrc(df: Any, x: Any) -> Any:
    """The chance that chi-squared with so many degrees of freedom is above x."""
    return _special().chdtrc(df, x)


def stdtr(df: Any, t: Any) -> Any:
    """The chance that Student's t with so many degrees of freedom is at most t."""
    return _special().stdtr(df, t)


def stdtrit(df: Any, p: Any) -> Any:
    """The value of Student's t that is not exceeded with chance p."""
    return _special().stdtrit(df, p)


def bdtr(k: Any, n: Any, p: Any) -> Any:
    """The chance of at most k successes in n trials of chance p."""
    return _special().bdtr(k, n, p)


def pdtr(k: Any, m: Any) -> Any:
    """The chance of at most k events where m are expected."""
    return _special().pdtr(k, m)
