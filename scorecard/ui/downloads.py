"""Every file that a page gives away: built when it is asked for, for who saw the page, and named by what is in it.

A file that could not be made says why below its button, or under which id the log has it: Streamlit would say neither.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.runtime.backend_operation_handler import BackendOperationResponse, DeferredFileHandler, DeferredFileResponsePayload
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError

from scorecard.errors import ScorecardError
from scorecard.ui import problems, state

Build = Callable[[], bytes | str]
KINDS = {
    "csv": "text/csv", "json": "application/json", "jsonl": "application/jsonl", "html": "text/html", "toml": "text/plain", "ics": "text/calendar", "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}  # fmt: skip
SIGNS = 12
GONE = "This page has changed since. Load it again, and take the file then."


class Made:
    """A file that is built when its button is pressed; it raises NotAllowed once who saw the button may no longer have it."""

    def __init__(self, build: Build, name: str):
        self._build, self._name = state.as_drawn(build), name

    def __call__(self) -> bytes:
        content = self._build()
        made = content.encode() if isinstance(content, str) else content
        _rename(self, named(self._name, made))
        return made


def button(label: str, build: Build, name: str, *, key: str, icon: str | None = ":material/download:", help: str | None = None,
           type: Literal["primary", "secondary", "tertiary"] = "secondary", width: Literal["content", "stretch"] = "content") -> None:
    """A button that gives a file; its ending says what it is, and signs of what is in it are put before the ending."""
    st.download_button(label, data=Made(build, name), file_name=name, mime=KINDS[name.rpartition(".")[2]], on_click="ignore",
                       key=key, icon=icon, help=help, type=type, width=width)


def named(name: str, content: bytes) -> str:
    """The name with twelve signs of the hash of the content: no two readers are handed each other's file under one name."""
    stem, _, ending = name.rpartition(".")
    safe = re.sub(r"[^\w-]+", "-", stem, flags=re.ASCII).strip("-")
    return f"{safe}-{hashlib.sha256(content).hexdigest()[:SIGNS]}.{ending}"


def _rename(made: Made, name: str) -> None:
    """Nothing; Streamlit hands the file out under this name. It takes a name before there is a content, and reads it after."""
    if not runtime.exists():
        return
    files = runtime.get_instance().media_file_mgr
    with files._lock:
        for one in files._deferred_callables.values():
            if one["callable"] is made:
                one["filename"] = name


async def _handle(self: DeferredFileHandler, request: BackendOperationRequest, session_id: str) -> BackendOperationResponse:
    """The address of the file behind a button that was pressed, or why there is none."""
    files, asked = self._get_media_file_mgr(), request.deferred_file.file_id
    if not _drawn_in(files, asked, session_id):
        return BackendOperationResponse(request_id=request.request_id, error_msg=GONE)
    try:
        url = await asyncio.to_thread(files.execute_deferred, asked)
    except MediaFileStorageError as error:
        return BackendOperationResponse(request_id=request.request_id, error_msg=_why(error.__cause__))
    return BackendOperationResponse(request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url))


def _drawn_in(files: MediaFileManager, asked: str, session_id: str) -> bool:
    """Whether the button of this file was drawn in the window that asks: the id of somebody else's button builds nothing."""
    with files._lock:
        found = files._deferred_callables.get(asked)
    return found is not None and found["session_id"] == session_id


def _why(cause: BaseException | None) -> str:
    """What is said below the button: a refusal in its own words, a fault as an id that is also in the log."""
    if cause is None:
        return GONE
    return str(cause) if isinstance(cause, ScorecardError) else problems.logged(cause)


DeferredFileHandler.handle = _handle
