"""Files leave pages by one way: built for who may still have them, named by what is in them."""

from __future__ import annotations

import ast
import hashlib
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_storage import MediaFileStorageError

from scorecard import places
from scorecard.errors import NotAllowed
from scorecard.store import members
from scorecard.store.members import Person
from scorecard.ui import downloads, state
from tests import loops
from tests.conftest import make_actor

SOURCES = sorted([*places.ROOT.glob("pages/*.py"), *places.ROOT.glob("scorecard/**/*.py")])


def test_no_page_gives_a_file_away_by_itself():
    """Each goes through ui/downloads.py, which asks again who it is for."""
    for path in SOURCES:
        named = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert path.name == "downloads.py" or "download_button" not in named, f"{path}: call downloads.button instead."


@pytest.fixture
def offered(store, monkeypatch):
    """A file as it is drawn for Rana, a leader."""
    store.write(lambda tx: (members.insert_person(tx, Person("rana", "Rana Amari")), members.insert_member(tx, "rana", "leader")), "test")
    monkeypatch.setattr(state, "store", lambda: store)
    monkeypatch.setattr(state, "actor", lambda opened: make_actor())
    return downloads.Made(lambda: "rows of people", "people.csv")


@pytest.mark.parametrize("changed", ["UPDATE member SET role = 'viewer'", "UPDATE member SET active = false", "DELETE FROM member"])
def test_a_file_is_refused_once_its_reader_has_another_role_or_none(store, offered, changed):
    assert offered() == b"rows of people"
    store.write(lambda tx: tx.run(changed), "test")
    with pytest.raises(NotAllowed, match="has changed"):
        offered()


def test_a_file_that_was_drawn_for_nobody_is_refused(store, monkeypatch):
    monkeypatch.setattr(state, "store", lambda: store)
    monkeypatch.setattr(state, "actor", lambda opened: None)
    with pytest.raises(NotAllowed):
        downloads.Made(lambda: b"figures", "figures.csv")()


def test_the_name_of_a_file_carries_the_hash_of_all_that_is_in_it_and_no_sign_that_a_header_or_a_folder_reads():
    large = [b"a" * 2_000_000, b"a" * 999_999 + b"b" + b"a" * 1_000_000]
    assert downloads.named("a.csv", large[0]) == f"a-{hashlib.sha256(large[0]).hexdigest()[:12]}.csv" != downloads.named("a.csv", large[1])
    assert downloads.named('../x"\r\ny.csv', b"") == f"x-y-{hashlib.sha256(b'').hexdigest()[:12]}.csv"


def drawn(window: str, work: Callable[[str], str]) -> SimpleNamespace:
    """Streamlit's files, with the button of the file x in a window."""
    return SimpleNamespace(execute_deferred=work, _lock=threading.Lock(), _deferred_callables={"x": {"session_id": window}})


@pytest.mark.parametrize("window, given", [("the window of the button", True), ("another window", False)])
def test_a_file_is_built_only_for_the_window_in_which_its_button_was_drawn(window, given):
    built: list[str] = []
    files = drawn("the window of the button", lambda id: built.append(id) or "/media/x.csv")
    request = BackendOperationRequest(request_id="1")
    request.deferred_file.file_id = "x"
    answer = loops.ran(DeferredFileHandler(lambda: files).handle(request, window))
    assert (built, answer.deferred_file.url, answer.error_msg) == ((["x"], "/media/x.csv", "") if given else ([], "", downloads.GONE))


@pytest.mark.parametrize("error, said", [(NotAllowed("What you may do has changed."), "What you may do has changed."), (ZeroDivisionError("secret words"), "the log has the details under ")])
def test_a_file_that_cannot_be_made_says_why_or_under_which_id_the_log_has_it(error, said, caplog):
    def fails(file_id: str) -> str:
        raise MediaFileStorageError("Callable execution failed: secret words") from error

    request = BackendOperationRequest(request_id="1")
    request.deferred_file.file_id = "x"
    answer = loops.ran(DeferredFileHandler(lambda: drawn("a session", fails)).handle(request, "a session"))
    assert said.lower() in answer.error_msg.lower() and "secret" not in answer.error_msg and not answer.deferred_file.url
    if isinstance(error, ZeroDivisionError):
        assert f"fault {answer.error_msg.rstrip('.').rpartition(' ')[2]}" in caplog.text
