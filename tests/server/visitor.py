"""A visitor of the running server without a browser: Streamlit's own socket and its own address for uploads."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

PATIENCE = 90.0


class Visitor:
    """One tab on one page. `said` has the notices and errors of the newest run, in order, `codes` what stands there to be copied."""

    def __init__(self, url: str, page: str, cookies: dict[str, str] | None = None) -> None:
        """`cookies` are those with which somebody signed in."""
        self.url, self.page = url, page
        self.client = httpx.Client(base_url=url, timeout=PATIENCE, verify=False, cookies=cookies)
        self.client.get("/_stcore/health")  # which sets the cookie against requests from other sites
        held = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        address, token = url.replace("http", "ws") + "/_stcore/stream", self.client.cookies["_streamlit_xsrf"]
        self.opening = connect(address, origin=url, subprotocols=["streamlit", token], additional_headers={"Cookie": held}, max_size=None)
        self.session, self.uploader, self.said, self.codes = "", "", [], []
        self.kept = ""

    def __enter__(self) -> Self:
        self.socket = self.opening.__enter__()
        self.run()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.opening.__exit__(kind, error, trace)
        self.client.close()

    def run(self, *widgets: WidgetState) -> list[str]:
        """The notices and errors that a run of the page with these widgets shows."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.socket.send(message.SerializeToString())
        self.said, self.codes = [], []
        while True:
            got = self._next()
            if got.WhichOneof("type") == "new_session":
                self.session = got.new_session.initialize.session_id or self.session
            elif got.WhichOneof("type") == "delta":
                self._read(got.delta.new_element)
            elif got.WhichOneof("type") == "script_finished" and got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return self.said

    def upload(self, content: bytes, name: str) -> list[str]:
        """The notices and errors of the page after a file was chosen: sent to the server's own address, then named in a run."""
        place = self._place(name)
        token = self.client.cookies.get("_streamlit_xsrf", "")
        answer = self.client.put(place.upload_url, files={"file": (name.replace("\0", ""), content)}, headers={"X-Xsrftoken": token})
        assert answer.status_code < 500, answer.text
        if answer.is_error:
            return [f"refused with {answer.status_code}"]
        if self.kept:  # A browser takes back the file that another one replaces.
            self.client.delete(self.kept, headers={"X-Xsrftoken": token})
        self.kept = place.delete_url
        state = WidgetState(id=self.uploader)
        state.file_uploader_state_value.uploaded_file_info.add(name=name, size=len(content), file_id=place.file_id, file_urls=place)
        return self.run(state)

    def _place(self, name: str) -> FileURLs:
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        self.socket.send(message.SerializeToString())
        while True:
            got = self._next()
            if got.WhichOneof("type") == "file_urls_response":
                return got.file_urls_response.file_urls[0]

    def _next(self) -> ForwardMsg:
        got = ForwardMsg()
        got.ParseFromString(self.socket.recv(PATIENCE))
        return got

    def _read(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "file_uploader":
            self.uploader = element.file_uploader.id
        elif kind == "code":
            self.codes.append(element.code.code_text)
        elif kind == "alert":
            self.said.append(element.alert.body)
        elif kind == "exception":
            self.said.append(f"exception: {element.exception.message}")
