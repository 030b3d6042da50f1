"""What the middleware lets in, without a server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit import net_util
from streamlit.web.server import server_util

from scorecard import shared, web
from scorecard.errors import StoreError
from scorecard.ui import inside
from tests import loops


def make_scope(
    host="localhost:8501",
    method="GET",
    origin=None,
    kind="http",
    server="127.0.0.1",
    client="127.0.0.1",
    path="/",
    query=b"",
):
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    return {
        "type": kind,
        "method": method,
        "headers": headers,
        "server": (server, 8501),
        "client": (client, 5000),
        "path": path,
        "query_string": query,
    }


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"])
def test_this_machine_comes_in(host):
    assert web.refused(make_scope(host)) == ""


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8501", "localhost.evil.example", "", "192.168.1.4:8501"]
)
def test_another_name_for_this_machine_is_refused_against_rebinding(host):
    assert web.refused(make_scope(host)) == "This server answers to localhost and 127.0.0.1 only."


@pytest.mark.parametrize("ends", [{"server": "192.168.1.4"}, {"client": "192.168.1.9"}])
def test_another_machine_is_refused(ends):
    assert web.refused(make_scope(**ends)) == "This server answers on its own machine only."


@pytest.mark.parametrize("kind, method", [("http", "POST"), ("http", "PUT"), ("http", "DELETE"), ("websocket", None)])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:9999", "https://localhost.evil.example:8501"]
)
def test_a_change_from_another_site_is_refused(kind, method, origin):
    assert web.refused(make_scope(kind=kind, method=method, origin=origin)) == "This request comes from another site."


@pytest.mark.parametrize("origin", [None, "http://localhost:8501"])
def test_a_change_from_the_own_page_comes_in(origin):
    assert web.refused(make_scope(method="POST", origin=origin)) == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "", None, "192.168.1.4", "::", "host.example"])
def test_a_server_that_others_could_reach_does_not_start(address):
    with pytest.raises(StoreError, match="reachable from other machines"):
        web.check_address(address, [])


@pytest.mark.parametrize(
    "argv", [["uvicorn", "app:app", "--host", "0.0.0.0"], ["uvicorn", "app:app", "--host=192.168.1.4"]]
)
def test_uvicorn_bound_elsewhere_does_not_start(argv):
    with pytest.raises(StoreError, match="reachable from other machines"):
        web.check_address("127.0.0.1", argv)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_a_server_on_loopback_starts(address):
    web.check_address(address, [])


@pytest.mark.parametrize(
    "query, written",
    [
        (b"month=2026-10", "/?month=October+2026"),
        (b"month=2026-Q4&segment=Small+business", "/?month=Q4+2026&segment=Small+business"),
        (b"month=October+2026", ""),
        (b"month=rubbish", ""),
        (b"", ""),
    ],
)
def test_a_short_month_in_the_address_is_written_out_as_the_page_writes_it(query, written):
    assert web.written_out(make_scope(query=query)) == written


@pytest.mark.parametrize(
    ("path", "query", "written"),
    [
        ("/scorecard", b"", "/"),
        ("/scorecard/", b"month=2026-10", "/?month=October+2026"),
        ("/start", b"", "/"),
        ("/scorecard", b"month=October+2026&segment=Enterprise", "/?month=October+2026&segment=Enterprise"),
    ],
)
def test_the_first_page_answers_to_its_name_as_well(path, query, written):
    assert web.written_out(make_scope(path=path, query=query)) == written


@pytest.mark.parametrize("path", ["/api/scorecard", "/static/x", "/_stcore/health"])
def test_only_addresses_of_pages_are_written_out(path):
    assert web.written_out(make_scope(path=path, query=b"month=2026-10")) == ""


@pytest.mark.parametrize("path, page", [("/", True), ("/metrics", True), ("/static/js/index.js", True), ("/api/scorecard", False), ("/media/x.html", False),
                                        ("/_stcore/upload_file/a/b", False), ("/healthz", False)])  # fmt: skip
def test_what_is_no_page_runs_shows_and_fetches_nothing_in_a_browser(path, page):
    said: list[dict] = []

    async def keep(message: dict) -> None:
        said.append(message)

    loops.ran(web._with_headers(keep, make_scope(path=path))({"type": "http.response.start", "headers": []}))
    policy = dict(said[0]["headers"])[b"content-security-policy"].decode()
    assert policy == (web.CONTENT_POLICY if page else web.DATA_POLICY) and (page or "'self'" not in policy)


@pytest.mark.parametrize("path, kept", [("/media/x.csv", None), ("/_stcore/upload_file/a/b", None), ("/static/js/index.js", "by the browser")])
def test_what_was_handed_out_or_uploaded_stays_in_no_cache(path, kept):
    said: list[dict] = []

    async def keep(message: dict) -> None:
        said.append(message)

    loops.ran(web._with_headers(keep, make_scope(path=path))({"type": "http.response.start", "headers": []}))
    assert dict(said[0]["headers"]).get(b"cache-control") == (None if kept else b"private, no-store")


def test_a_knock_from_another_site_makes_the_server_ask_nobody_outside(monkeypatch):
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("a service outside was asked"))
    inside.stay()
    assert not server_util.is_url_from_allowed_origins("https://evil.example")


def test_the_script_policy_allows_no_inline_code_and_no_evaluation():
    scripts = next(part for part in web.CONTENT_POLICY.split("; ") if part.startswith("script-src"))
    allowed = [source for source in scripts.split()[1:] if not source.startswith("'sha256-")]
    assert allowed == ["'self'", "'wasm-unsafe-eval'"]
    assert "script-src" not in shared.POLICY and "default-src 'none'" in shared.POLICY


@pytest.mark.parametrize(
    "argv, port",
    [
        (["/bin/streamlit", "run", "app.py"], 8501),
        (["/bin/uvicorn", "app:app"], 8000),
        (["/lib/uvicorn/__main__.py", "app:app", "--port", "9002"], 9002),
        (["/bin/uvicorn", "app:app", "--port", "9000"], 9000),
        (["/bin/uvicorn", "app:app", "--port=9001"], 9001),
    ],
)
def test_commands_find_the_server_at_the_port_it_was_given(argv, port):
    assert web.port_of(8501, argv) == port


@pytest.mark.parametrize(("held", "coming", "refused"), [([], 50, False), ([50, 50], 50, False), ([50, 50, 50], 1, True), ([100], 51, True)])
def test_a_tab_that_never_lets_go_of_its_files_may_upload_no_more(monkeypatch, held, coming, refused):
    files = {str(number): SimpleNamespace(data=bytes(size)) for number, size in enumerate(held)}
    manager = SimpleNamespace(file_storage={"mine": files})
    monkeypatch.setattr(inside, "MOST_HELD", 150)
    monkeypatch.setattr(inside.runtime, "exists", lambda: True)
    monkeypatch.setattr(inside.runtime, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))

    def asked(tab: str, method: str = "PUT") -> str:
        return inside.too_much({"type": "http", "method": method, "path": f"{inside.UPLOADS}{tab}/new", "headers": [(b"content-length", str(coming).encode())]})

    assert bool(asked("mine")) is refused
    assert not asked("another's") and not asked("mine", "DELETE")
