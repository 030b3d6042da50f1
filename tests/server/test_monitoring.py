"""What programs that watch the server get: alive, ready, figures; and what the log keeps of a request."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import timedelta

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from scorecard import jobs, logs, monitoring, places, sources, watch, web
from scorecard.core import openmetrics
from scorecard.errors import StoreDamaged, StoreError
from scorecard.store import loads, space
from scorecard.ui import state
from tests import loops
from tests.conftest import make_actor

TOKEN = "a-token-that-is-only-for-tests"


class Alive:
    def __init__(self, alive: bool):
        self.alive = alive

    def is_alive(self) -> bool:
        return self.alive


async def broken(request):
    raise ValueError("no such row: Jane Doe")


@pytest.fixture
def watched(begun, monkeypatch):
    """(the store, a function that asks a server around it)."""
    monkeypatch.setitem(state._stores, (places.state_place(), places.facts_place()), begun)
    monkeypatch.setattr(watch, "here", watch.Watch())
    monitoring.begin(Alive(True))
    routes = [*web.ROUTES, Route("/broken/{token}", broken)]
    app = Starlette(routes=routes, middleware=[Middleware(monitoring.Recorder, routes=routes), Middleware(web.Guard)])

    def ask(path, client="127.0.0.1", **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return loops.ran(asked(path, client, names))

    async def asked(path, client, names):
        through = httpx.ASGITransport(app=app, client=(client, 5), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=through, base_url="http://localhost") as browser:
            return await browser.get(path, headers=names)

    yield begun, ask
    monitoring.begin(None)


def families(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == openmetrics.MEDIA_TYPE
    return {family.name: family for family in parsed(answer.text)}


@pytest.mark.parametrize("path", ["/healthz", "/healthz/live", "/healthz/ready"])
def test_a_server_at_work_is_alive_and_ready(watched, path):
    _, ask = watched
    answer = ask(path)
    assert (answer.status_code, answer.json()["status"], answer.headers["cache-control"]) == (200, "ok", "no-store")


def test_a_store_that_does_not_answer_is_alive_and_not_ready_and_names_no_place(watched, monkeypatch):
    def gone():
        raise StoreError("/srv/secret/state.duckdb is damaged.")

    _, ask = watched
    monkeypatch.setattr(state, "store", gone)
    assert ask("/healthz/live").status_code == 200
    for path in ("/healthz", "/healthz/ready"):
        assert (ask(path).status_code, ask(path).json()) == (503, {"status": "not ready", "missing": ["the store does not answer"]})
    modes = {one.labels["mode"]: one.value for one in families(ask("/metrics"))["scorecard_store_mode"].samples}
    assert set(modes.values()) == {0.0} and len(modes) == 3


@pytest.mark.parametrize("mode, said", [("read-only", "the store is read-only"), ("safe", "the store is in safe mode")])
def test_a_store_that_cannot_be_written_is_not_ready_and_the_figures_say_why(watched, monkeypatch, mode, said):
    def damaged():
        raise StoreDamaged("state.duckdb is damaged.")

    store, ask = watched
    if mode == "safe":
        monkeypatch.setattr(state, "store", damaged)
    else:
        monkeypatch.setattr(type(store), "mode", mode)
    assert ask("/healthz/ready").json()["missing"] == [said]
    modes = {one.labels["mode"]: one.value for one in families(ask("/metrics"))["scorecard_store_mode"].samples}
    assert modes == {"open": 0.0, "read-only": 0.0, "safe": 0.0} | {mode: 1.0}


def test_a_worker_that_has_stopped_is_not_ready(watched):
    _, ask = watched
    monitoring.begin(Alive(False))
    assert (ask("/healthz/ready").status_code, ask("/healthz/live").status_code) == (503, 200)
    assert families(ask("/metrics"))["scorecard_worker"].samples[0].value == 0


def test_the_figures_say_what_waits_how_fresh_sources_are_and_how_large_the_store_is(watched):
    store, ask = watched
    sources.add(store, make_actor("analyst"), sources.new("CRM accounts", "file", pattern="crm*.csv"))
    jobs.ask(store, make_actor("analyst"), "load_file", {"file": "x"})
    found = families(ask("/metrics"))
    assert {one.labels["state"]: one.value for one in found["scorecard_queue"].samples} == {"queued": 1, "running": 0}
    assert {one.labels["source"]: one.value for one in found["scorecard_source_late"].samples} == {"CRM accounts": 0}
    assert {one.labels["part"]: one.value > 10_000 for one in found["scorecard_store_bytes"].samples} == {"state": True, "facts": True}
    assert found["scorecard_audit_rows"].samples[0].value == store.head.read().seq
    assert found["process_resident_memory_bytes"].samples[0].value > 50e6
    assert "scorecard_last_backup_seconds" not in found


def test_the_age_of_the_last_backup_is_read_from_its_record(begun, tmp_path):
    made = state.now() - timedelta(hours=30)
    folder = tmp_path / "backups" / "20260101T000000Z"
    folder.mkdir(parents=True)
    (folder / "backup.json").write_text(json.dumps({"made_at": made.isoformat()}), "utf-8")
    (tmp_path / "backups" / "20270101T000000Z").mkdir()
    (tmp_path / "backups" / "20270101T000000Z" / "backup.json").write_text("{}", "utf-8")
    assert space.last_backup(tmp_path / "backups") == made
    ages = {family.name: family.samples[0].value for family in monitoring.of_store(begun, state.now(), state.today(begun)) if family.samples}
    assert ages["scorecard_last_backup_seconds"] == pytest.approx(30 * 3600, abs=60)


def test_the_page_for_operators_explains_every_family_and_no_other(watched):
    store, ask = watched
    (store.backups / "20260101T000000Z").mkdir(parents=True)
    (store.backups / "20260101T000000Z" / "backup.json").write_text(json.dumps({"made_at": "2026-01-01T00:00:00"}), "utf-8")
    store.write(lambda tx: loads.add(tx, loads.Load("l1", "a.csv", "0", {}, 1, 0, 0, 0, None, None, "Sam", "UTC", 1, state.now())), "Sam")
    served = {name: family.type for name, family in families(ask("/metrics")).items()}
    lines = re.findall(r"^\| (`(?:scorecard|process)_\S+`(?:, `\w+`)*) \| ([\w, ]+) \|", (places.ROOT / "docs" / "operations.md").read_text("utf-8"), re.M)
    told = {name: kinds.split(", ") for names, kinds in lines for name in re.findall(r"\w+", names)}
    assert set(told) == set(served)
    assert not [name for name, kind in served.items() if kind not in told[name]]


@pytest.mark.parametrize("name", monitoring.FORWARDED)
def test_who_comes_through_a_proxy_gets_no_figures_without_the_token(watched, name):
    _, ask = watched
    answer = ask("/metrics", **{name.replace("-", "_"): "203.0.113.9"})
    assert answer.status_code == 403 and "scorecard_queue" not in answer.text
    assert ask("/_stcore/metrics", **{name.replace("-", "_"): "203.0.113.9"}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN[:-1], f"Bearer {TOKEN}x", "Bearer ä"])
def test_with_a_token_set_even_this_machine_needs_it(watched, monkeypatch, given):
    _, ask = watched
    monkeypatch.setenv(places.METRICS_TOKEN, TOKEN)
    assert ask("/metrics", authorization=given.encode()).status_code == 403
    assert "scorecard_queue" in families(ask("/metrics", authorization=f"Bearer {TOKEN}"))


@pytest.fixture
def written():
    """What the product logs during the test, as JSON lines."""
    out = io.StringIO()
    handler, ours = logging.StreamHandler(out), logging.getLogger("scorecard")
    handler.setFormatter(logs.Lines("json"))
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    ours.removeHandler(handler)
    ours.setLevel(before)


def test_a_line_for_a_request_holds_its_route_and_not_its_address(watched, written):
    _, ask = watched
    answer = ask("/share/a-secret-token?who=jane")
    ask("/healthz")
    (event,) = written()
    assert {key: event[key] for key in ("event", "method", "route", "status")} == {
        "event": "request", "method": "GET", "route": "/share/{token}", "status": answer.status_code}
    assert event["request"] == answer.headers["x-request-id"]
    assert "secret" not in json.dumps(event) and "jane" not in json.dumps(event)


def test_a_fault_and_its_request_are_found_by_the_id_on_the_page(watched, written):
    _, ask = watched
    answer = ask("/broken/a-secret-token")
    fault, request = written()
    assert answer.status_code == 500 and fault["event"].removeprefix("fault ") in answer.json()["error"]
    assert fault["request"] == request["request"] == answer.headers["x-request-id"]
    assert fault["trace"][-1] == "ValueError" and "Jane" not in json.dumps([fault, request]) and "secret" not in json.dumps([fault, request])
    found = families(ask("/metrics"))
    assert found["scorecard_faults"].samples[0].labels == {"where": "route"}
    assert ({"route": "/broken/{token}", "status": "500"}, 1.0) in [(one.labels, one.value) for one in found["scorecard_requests"].samples]


@pytest.mark.parametrize("path, route", [
    ("/", "/{page}"), ("/review", "/{page}"), ("/_stcore/health", "/_stcore"), ("/static/js/x.js", "/static"), ("/jane-doe", "other"),
    ("/api/measure/renewal_rate.csv", "/api/measure/{name}.csv")])
def test_requests_are_counted_by_addresses_that_the_product_knows(path, route):
    recorder = monitoring.Recorder(None, web.ROUTES)
    assert recorder.route_of({"type": "http", "method": "GET", "path": path, "headers": []}) == route
