"""The log says what happened, with an id, and no word that anybody wrote."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from urllib.parse import quote

import pytest

from scorecard import logs, places
from scorecard.errors import ConstraintBroken, NotAllowed, StoreError
from tests.test_layers import sources, tree

PRIVATE = ("Jane Doe", "jane.doe@example.com", "the churn of Acme & Sons", "token=s3cr3t")


def lines(form: str = "json", detail: bool = False) -> tuple[logging.Logger, io.StringIO]:
    """A logger of ours, and what it writes."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Lines(form, detail))
    handler.addFilter(logs._wanted)
    one = logging.Logger("scorecard.tried")
    one.addHandler(handler)
    return one, out


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("form", logs.FORMS)
@pytest.mark.parametrize("private", PRIVATE)
def test_nothing_that_somebody_wrote_gets_into_a_line_however_it_is_given(form, private):
    log, out = lines(form)
    error = raised(ValueError(f"no such row: {private}"), KeyError(private))
    log.error("fault %s", "1a2b", exc_info=error)
    log.warning("message %s to %s: %s", "m1", private if " " in private or "@" in private else f"({private})", error)
    logs.event(log, "request", route="/share/{token}", who=f"{private} ")
    log.warning("it waits: %s", raised(StoreError(f"state.duckdb refused '{private}' (name={private}). Try again.")))
    log.warning("it waits: %s", raised(ConstraintBroken(f"duplicate key: {private}")))
    log.warning("refused: %s", raised(NotAllowed(f"{private} may not do this.")))
    other = logging.Logger("uvicorn.error")
    other.handlers = log.handlers
    other.warning('GET "%s?%s"', "/measure", private, exc_info=error)
    other.error(f"read by {private if '@' in private else repr(private)} at /x?who={quote(private)}")
    said = out.getvalue()
    assert said.count("1a2b") == 1 and "ValueError" in said
    assert not [word for word in private.split() if len(word) > 3 and word in said]


def test_a_fault_is_found_by_its_id_and_says_where_it_was():
    log, out = lines()
    log.error("fault %s in job %s", "ab12cd34", "job-7", exc_info=raised(RuntimeError("secret"), KeyError("cause")))
    event = json.loads(out.getvalue())
    assert event["event"] == "fault ab12cd34 in job job-7" and event["level"] == "ERROR" and event["logger"] == "scorecard.tried"
    assert event["trace"][0] == "KeyError" and event["trace"][-1] == "RuntimeError" and "test_logs.py" in event["trace"][1]


def test_a_fault_in_text_is_told_from_other_lines_at_a_glance_with_the_full_name_of_its_kind():
    log, out = lines("text")
    log.error("fault %s", "ab12cd34", exc_info=raised(NotAllowed("Jane Doe")))
    first, second, *steps = out.getvalue().splitlines()
    assert first.endswith("ERROR scorecard.tried: fault ab12cd34") and second.startswith("Traceback")
    assert steps[-1] == "    scorecard.errors.NotAllowed" and "test_logs.py" in steps[0]


def test_the_sentence_of_a_store_that_fails_stays_since_the_operator_has_to_act_on_it():
    log, out = lines("text")
    log.warning("the worker waits: %s", StoreError("data/state.duckdb could not be written. Free space on the disk, then try again."))
    assert "could not be written. Free space on the disk" in out.getvalue()


@pytest.mark.parametrize("form", logs.FORMS)
def test_who_asks_for_details_gets_the_message_of_an_error(form):
    log, out = lines(form, detail=True)
    log.error("fault %s", "1a2b", exc_info=raised(ValueError("no row of Jane Doe")))
    assert "no row of Jane Doe" in out.getvalue()


def test_a_line_of_json_is_one_line_with_the_request_it_belongs_to():
    log, out = lines()
    token = logs.REQUEST.set("cafe0123")
    try:
        log.error("fault %s\nwith two lines", "x", exc_info=raised(ValueError("a\nb")))
        logs.event(log, "request", route="/api", status=200, ms=1.5)
    finally:
        logs.REQUEST.reset(token)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first["request"] == second["request"] == "cafe0123"
    assert (second["event"], second["route"], second["status"], second["ms"]) == ("request", "/api", 200, 1.5)


def test_of_other_libraries_only_what_went_wrong_is_written():
    log, out = lines()
    other = logging.Logger("uvicorn.error")
    other.handlers = log.handlers
    other.info('("10.1.2.3", 5) - "WebSocket /_stcore/stream?x=1" [accepted]')
    streamlits = logging.Logger("streamlit.error_util")
    streamlits.handlers = log.handlers
    streamlits.error("Uncaught app execution", exc_info=raised(ValueError("Jane Doe")))
    assert out.getvalue() == ""


def test_of_a_child_that_broke_its_lines_of_code_and_the_kind_of_its_error_are_kept():
    done = subprocess.run([sys.executable, "-c", "def f():\n    raise KeyError('Jane Doe')\nf()"], capture_output=True)
    assert logs.of_child(done.stderr) == "<string>:3 <module>, <string>:2 f, KeyError"
    assert logs.of_child(b"Jane Doe ran out of memory\n") == "27 characters"


def written_by(word: str) -> list[str]:
    """The files of the product that hold the word."""
    return [file for file in sources() if word in (places.ROOT / file).read_text("utf-8")]


def calls() -> list[tuple[str, ast.Call]]:
    """Every call of a logger in the product, with its file."""
    return [(file, node) for file in written_by("getLogger") for node in ast.walk(tree(file)) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute) and node.func.attr in ("debug", "info", "warning", "error", "exception", "critical")
            and ast.unparse(node.func.value) in ("log", "logging", "self._log", "logger", "_LOGGER")]


def test_every_line_of_the_product_is_a_fixed_sentence_with_its_values_beside_it():
    assert len(calls()) >= 8
    for file, call in calls():
        fixed = isinstance(call.args[0], ast.Constant) or (file == "scorecard/logs.py")
        assert fixed, f"{file}:{call.lineno}: write log.{call.func.attr}(\"a fixed sentence %s\", value), so that the value is looked at."


SCRIPT = """
import logging, sys
from scorecard import logs
from scorecard.ui import reruns
early = logging.getLogger("streamlit.early")
early.addHandler(logging.StreamHandler(sys.stdout))
reruns.join_log()
from streamlit.logger import get_logger
for form, late in (("text", "late"), ("json", "later")):
    logs.begin(form)
    get_logger(f"streamlit.{late}").warning(late)
    early.error("early")
    logging.getLogger("uvicorn.access").error("an address")
    logging.getLogger("scorecard.x").info("an event")
    logging.getLogger("scorecard.x").warning("a warning")
"""


def test_every_logger_of_the_process_writes_through_the_one_place():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=places.ROOT, capture_output=True, text=True, check=True)
    said = done.stderr.splitlines()
    assert done.stdout == "", done.stdout
    assert [line.partition(" ")[2] for line in said[:3]] == ["WARNING streamlit.late: late", "ERROR streamlit.early: early", "WARNING scorecard.x: a warning"]
    assert [json.loads(line)["event"] for line in said[3:]] == ["later", "early", "an event", "a warning"]


def test_the_request_with_which_a_fault_happened_is_told_apart_from_others():
    assert logs.REQUEST.get() == ""
    assert logs.safe("load_file") == "load_file" and logs.safe("two words") == "(9 characters)" and logs.safe(None) is None


def test_no_module_asks_for_the_root_logger():
    for file in written_by("getLogger"):
        asked = [node for node in ast.walk(tree(file)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "logging.getLogger"]
        names = [ast.unparse(one.args[0]) if one.args else "" for one in asked]
        assert file == "scorecard/logs.py" or all(name.startswith(("'scorecard", "__name__")) for name in names), file
