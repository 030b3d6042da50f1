"""The log of the process, as text or as one JSON object a line: what happened, where, and nothing that anybody wrote.

No name, no e-mail, no search word and no address with its query gets into it, whatever a line was given: of what is put
into a line only figures and single words (ids, kinds, states) stay; of an error its kind and its lines of code. Who has to
see the message of an error sets SCORECARD_LOG_DETAIL=yes for as long as that takes: it may hold what people wrote.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

from scorecard.errors import ConstraintBroken, StoreError

FORMS = ("text", "json")
OURS = "scorecard"
REQUEST: ContextVar[str] = ContextVar("request", default="")
_WORD = re.compile(r"[\w.:/{}+*-]{1,120}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|“[^”]*”|\([^()]*=[^()]*\)")
_MAIL = re.compile(r"\S+@\S+")
_QUERY = re.compile(r"\?\S*")
# Streamlit writes down what our own handler writes down with its id, and with the message.
_SAID_TWICE = "Uncaught app execution"


class Ours(str):
    """A sentence that the product wrote and that holds nothing that anybody typed: it is logged as it is."""


def said(error: BaseException) -> str:
    """The kind of an error; of a store that fails its sentence as well, without what stands in quotes."""
    kind = type(error).__name__
    if isinstance(error, StoreError) and not isinstance(error, ConstraintBroken):
        return f"{kind}: {without_words(str(error))}"
    return kind


def without_words(text: str) -> str:
    """A text without what is quoted in it, without e-mail addresses and without the query of an address."""
    return _QUERY.sub("?…", _MAIL.sub("…", _QUOTED.sub("…", text)))


def safe(value: Any, detail: bool = False) -> Any:
    """What may stand in a line for this value: a figure or a single word as it is, of a sentence only its length."""
    if isinstance(value, Ours) or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}" if detail else said(value)
    text = str(value)
    return text if detail or _WORD.fullmatch(text) else f"({len(text)} characters)"


def frames(error: BaseException) -> list[str]:
    """Where an error came from, innermost last: file, line and function of each step; a cause stands before its effect."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    own = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
    return [*(frames(before) if before else []), *own, kind_of(error)]


def kind_of(error: BaseException) -> str:
    """The full name of an error's kind: `ValueError`, `scorecard.errors.StoreBusy`."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def of_child(said: bytes) -> Ours:
    """Where a child process broke, from what it wrote: its lines of code and the kind of its error, without the message."""
    text = said.decode(errors="replace")
    steps = [f"{found[1]}:{found[2]} {found[3]}" for found in re.finditer(r'File "([^"\n]+)", line (\d+), in (\S+)', text)]
    kind = re.findall(r"^([A-Za-z_][\w.]*)(?=:|$)", text, re.M)
    return Ours(", ".join([*steps, *kind[-1:]]) or f"{len(text)} characters")


class Lines(logging.Formatter):
    """One line for each event, in one of the two forms."""

    def __init__(self, form: str, detail: bool = False):
        super().__init__()
        self._json, self._detail = form == "json", detail

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        event = self._event(record)
        if self._json:
            return json.dumps(event, ensure_ascii=False, default=str)
        steps = event.pop("trace", ())
        where = "\n".join(["", "Traceback, the last step last:", *(f"    {line}" for line in steps)]) if steps else ""
        head = " ".join(str(event.pop(key)) for key in ("time", "level", "logger"))
        said = event.pop("event")
        return f"{head}: {said}{''.join(f' {key}={value}' for key, value in event.items())}{where}"

    def _event(self, record: logging.LogRecord) -> dict[str, Any]:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = {"time": moment, "level": record.levelname, "logger": record.name, "event": self._message(record)}
        if request := getattr(record, "request", "") or REQUEST.get():
            event["request"] = request
        event |= {key: safe(value, self._detail) for key, value in getattr(record, "fields", {}).items()}
        if record.exc_info and record.exc_info[1] is not None:
            event["trace"] = frames(record.exc_info[1])
            if self._detail:
                event["detail"] = str(record.exc_info[1])
        return event

    def _message(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] != OURS:
            text = record.getMessage()
            return text if self._detail else without_words(text)
        given = record.args if isinstance(record.args, tuple) else (record.args,) if record.args else ()
        return str(record.msg) % tuple(safe(value, self._detail) for value in given) if given else str(record.msg)


def _wanted(record: logging.LogRecord) -> bool:
    """Of other libraries only what went wrong: the rest names who asked for what."""
    if record.name.split(".")[0] == OURS:
        return True
    return record.levelno >= logging.WARNING and not str(record.msg).startswith(_SAID_TWICE)


def begin(form: str, detail: bool = False, stream: TextIO | None = None) -> None:
    """From now on every logger of this process writes through one handler. As text it says what went wrong, as JSON all."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(form, detail))
    handler.addFilter(_wanted)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger(OURS).setLevel(logging.INFO if form == "json" else logging.WARNING)
    for name in list(logging.Logger.manager.loggerDict):
        one = logging.getLogger(name)
        one.handlers.clear()
        one.propagate = True
    logging.getLogger("uvicorn.access").disabled = True


def event(log: logging.Logger, words: str, **fields: Any) -> None:
    """A line that something happened: `words` is a fixed text, `fields` are figures and single words."""
    log.info(words, extra={"fields": fields})
