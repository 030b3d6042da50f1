"""What a person or a program gets from the running server."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date, timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from scorecard import metrics, places
from scorecard.core.periods import Period
from scorecard.output import theme, twins
from scorecard.web import HEADERS
from tests import stores
from tests.server.conftest import free_port, launch, settings_of, stop

SECRETS: list[str] = []  # of the links that were made here
NAMES: set[str] = set()  # of the people in the sample


@pytest.fixture(scope="module")
def views(company, tmp_path_factory):
    """A folder with the sample company, and its views for comparison."""
    folder = stores.copied(company, tmp_path_factory.mktemp("sample"))
    store = stores.opened(folder)
    seen = (
        metrics.scorecard_view(store, "customer-success", None, "", date.today()),
        metrics.measure_view(store, "renewal_rate", None, "", date.today(), "customer-success"),
    )
    with store.read() as tx:
        NAMES.update(name for (name,) in tx.all("SELECT name FROM person") if " " in name)
    store.close()
    return folder, *seen


@pytest.fixture(scope="module")
def server(start, views, tmp_path_factory):
    return start(
        "--server.enableAgentApi", "true", folder=stores.copied(views[0], tmp_path_factory.mktemp("served") / "sample"), **{places.LOG: "json"}
    )


def run_command(server, *words: str) -> subprocess.CompletedProcess:
    """`python -m scorecard …` beside the running server."""
    return subprocess.run(
        [sys.executable, "-m", "scorecard", *words],
        cwd=places.ROOT,
        env=settings_of(server.folder),
        capture_output=True,
        text=True,
        timeout=120,
    )


def make_link(server, *words: str) -> dict:
    done = run_command(server, "share", "make", "--json", *words)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    SECRETS.append(made["url"].rpartition("/")[2])
    return made


def words_in(tree) -> str:
    return json.dumps(tree, ensure_ascii=False)


@pytest.fixture(scope="module")
def fresh(start):
    """A server that makes its own stores."""
    return start("--server.enableAgentApi", "true")


def test_the_first_page_asked_for_after_a_start_comes_inside_its_frame(fresh):
    seen = fresh.interact(page="settings")
    assert "choosing a name here is no sign-in" in words_in(seen), "the deep link ran without the frame"
    assert seen["status"] == "ready"


def test_what_a_server_writes_is_read_by_its_own_account_alone(fresh):
    made = [path for path in fresh.folder.rglob("*") if path != fresh.log]
    assert {"state.duckdb", "facts.duckdb", "backups", "staging"} <= {path.name for path in made}
    assert not [f"{path.name} {path.stat().st_mode & 0o777:o}" for path in made if path.stat().st_mode & 0o077]


def test_health_says_ok_while_the_store_answers(server):
    answer = server.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_the_figures_of_a_running_server_count_the_pages_that_were_drawn(server):
    server.interact(page="metrics")
    found = {family.name: family for family in text_string_to_metric_families(server.get("/metrics").text)}
    drawn = {one.labels["page"]: one.value for one in found["scorecard_rerun_seconds"].samples if one.name.endswith("_count")}
    took = {one.labels["page"]: one.value for one in found["scorecard_rerun_seconds"].samples if one.name.endswith("_sum")}
    assert drawn["metrics"] >= 1 and 0 < took["metrics"] < 60 and "other" not in drawn
    assert {one.labels["mode"]: one.value for one in found["scorecard_store_mode"].samples} == {"open": 1, "read-only": 0, "safe": 0}
    assert found["scorecard_worker"].samples[0].value == 1 and found["scorecard_source_age_days"].type == "gauge"


def test_the_look_of_the_parts_is_fetched_once_and_asked_for_again_only_when_it_changed(server):
    first = server.get("/style.css")
    assert first.status_code == 200 and first.headers["content-type"].startswith("text/css") and first.text == theme.css()
    again = server.get("/style.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_browser_that_opens_metrics_gets_the_page_of_that_name(server):
    answer = server.get("/metrics", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html") and "</html>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/measure?measure=renewal_rate",
        "/_stcore/health",
        "/static/index.html",
        "/healthz",
        "/api",
        "/api/scorecard",
        "/api/scorecard.csv",
        "/api/measure/renewal_rate",
        "/api/measure/nothing",
        "/api/records/finding.csv",
        "/share/guessed",
        "/share/guessed/wall",
        "/share/guessed/pack.pdf",
        "/wall",
        "/style.css",
        "/app/static/Inter.woff2",
        "/nothing/here",
    ],
)
def test_every_answer_carries_the_safety_headers(server, path):
    headers = server.get(path, follow_redirects=True).headers
    missing = [name for name in HEADERS if name not in headers]
    assert not missing
    assert "unsafe-eval'" not in headers["content-security-policy"].replace("'wasm-unsafe-eval'", "")
    assert "script-src 'unsafe-inline'" not in headers["content-security-policy"]


def test_a_rebound_name_gets_nothing(server):
    answer = server.get("/api/scorecard", headers={"host": "evil.example"})
    assert answer.status_code == 403 and "localhost" in answer.text


def test_a_command_needs_the_token_of_the_server(server):
    answer = server.post(
        "/_scorecard/command", json={"command": "audit", "arguments": {}}, headers={"x-scorecard-token": "guessed"}
    )
    assert answer.status_code == 403


def test_a_command_from_another_site_is_refused(server):
    answer = server.post("/_scorecard/command", json={}, headers={"origin": "http://evil.example"})
    assert (answer.status_code, answer.text) == (403, "This request comes from another site.")


def test_the_json_twin_of_the_scorecard_is_the_view(server, views):
    assert server.get("/api/scorecard").json() == json.loads(twins.json_text(twins.scorecard_json(views[1])))


def test_the_csv_twin_has_a_line_for_each_measure_in_full_precision(server, views):
    rows = list(csv.DictReader(io.StringIO(server.get("/api/scorecard.csv").text)))
    assert [row["measure"] for row in rows] == [row.measure.name for row in views[1].rows]
    assert [float(row["value"]) for row in rows] == [row.value for row in views[1].rows]


def test_the_twins_of_a_measure_are_the_view(server, views):
    assert server.get("/api/measure/renewal_rate").json() == json.loads(twins.json_text(twins.measure_json(views[2])))
    rows = list(csv.DictReader(io.StringIO(server.get("/api/measure/renewal_rate.csv").text)))
    points = views[2].row.chart.points
    assert [(row["period"], row["value"]) for row in rows] == [
        (str(p.period), "" if p.value is None else repr(p.value)) for p in points
    ]


def test_month_and_segment_choose_what_a_twin_shows(server):
    answer = server.get("/api/scorecard?month=2026-08&segment=Enterprise").json()
    assert (answer["period"], answer["segment"]) == ("2026-08", "Enterprise")


@pytest.mark.parametrize(
    "path, told",
    [
        ("/api/scorecard?month=soon", "month='soon' is not a period. Write 2026-10"),
        ("/api/scorecard?month=1999-01", "No figures for 1999-01. There are figures from"),
        ("/api/scorecard?segment=Nobody", "segment='Nobody' does not exist. There is: Enterprise"),
        ("/api/scorecard?scorecard=wall", "scorecard='wall' does not exist. There is: customer-success"),
        ("/api/measure/renewal", "Measure 'renewal' does not exist. There is: renewal_rate"),
        ("/api/records/findings", "There is no register 'findings'. Did you mean 'finding'?"),
        ("/api/records/finding?since=soon", "since='soon' is not a day. Write 2026-10-31."),
        ("/api/records/finding.csv?until=soon", "until='soon' is not a day."),
        ("/api/records/finding?limit=0", "limit is a whole number from 1 to 10,000"),
    ],
)
def test_a_wrong_question_gets_a_sentence_that_says_what_is_allowed(server, path, told):
    answer = server.get(path)
    assert answer.status_code == 404 and answer.json()["error"].startswith(told)


def test_every_route_is_in_the_guide(server):
    guide = server.get("/api").text
    assert all(
        f"<code>{path}</code>" in guide
        for path in ("/api/scorecard", "/api/scorecard.csv", "/api/measure/{name}.csv", "/api/records/{register}.csv", "/healthz")
    )


def test_a_short_month_is_written_out_in_the_address(server):
    answer = server.get("/?month=2026-08")
    assert (answer.status_code, answer.headers["location"]) == (307, "/?month=August+2026")


@pytest.mark.parametrize("query", ["month=2050-01", "segment=Nowhere"])
@pytest.mark.parametrize("path", ["/api/scorecard", "/api/measure/renewal_rate", "/api/measure/renewal_rate.csv"])
def test_a_twin_never_answers_with_another_month_or_segment_than_was_asked(server, path, query):
    assert server.get(f"{path}?{query}").status_code == 404


def test_a_share_link_lives_from_its_making_to_its_end(server):
    link = make_link(server, "--month", "2026-09", "--segment", "Enterprise")
    page = server.get(link["path"])
    assert page.status_code == 200 and "September 2026" in page.text and "Enterprise" in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow" and "noindex" in page.text
    again = server.get(link["path"], headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = server.get(link["path"], headers={"if-none-match": f"W/{page.headers['etag']}"})
    assert packed.status_code == 304, "a proxy that packs the page weakens its tag"
    assert run_command(server, "share", "revoke", link["id"]).returncode == 0
    ended = server.get(link["path"], headers={"if-none-match": page.headers["etag"]})
    assert ended.status_code == 410 and "This link ended on" in ended.text and "Trust score" not in ended.text


def test_a_share_page_asks_for_nothing_and_runs_nothing(server):
    page = server.get(make_link(server)["path"])
    assert "<script" not in page.text and "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]


def test_the_log_of_a_whole_run_holds_lines_of_json_and_in_them_no_name_no_token_and_no_address(server):
    link = make_link(server, "--live")
    server.get(f"/share/{SECRETS[-1]}?who=jane.doe@example.com")
    server.interact(page="people")
    server.get("/api/measure/Jane%20Doe")
    text = "".join(line for line in server.log.read_text("utf-8").splitlines(keepends=True) if line.startswith("{"))
    events = [json.loads(line) for line in text.splitlines()]
    asked = [one for one in events if one["event"] == "request"]
    assert events[0]["event"] == "started" and {one["route"] for one in asked} >= {"/share/{token}", "/api/measure/{name}", "/_scorecard/command"}
    assert all(len(one["request"]) == 16 and one["ms"] >= 0 for one in asked)
    names = NAMES | {"jane", "Jane", "example.com", link["id"]} | set(SECRETS)
    assert len(NAMES) > 15 and not [name for name in names if name in text]


def test_a_link_that_never_was_gets_a_plain_page(server):
    page = server.get("/share/" + "a" * 43)
    assert page.status_code == 404 and "does not exist" in page.text


def test_a_month_earlier_than_the_latest_reads_the_same_on_the_link_as_in_the_twin(server):
    link = make_link(server, "--month", "2026-06")
    said = server.get("/api/scorecard?month=2026-06").json()["sentences"]
    page = server.get(link["path"]).text
    assert said and all(sentence.split(":")[0].split(" in ")[0][:30] in page for sentence in said)
    assert Period(date(2026, 6, 1), "month").label in page


def test_a_second_server_on_the_same_files_says_so_in_one_sentence_and_stops(server):
    process, _, log = launch(server.folder)
    assert process.wait(60) != 0
    said = log.read_text()
    assert "is in use by" in said and "Traceback" not in said


def test_openings_are_counted_and_written_when_the_server_stops(server):
    """The last test of this server."""
    link = make_link(server, "--until", (date.today() + timedelta(days=3)).isoformat())
    for _ in range(3):
        server.get(link["path"])
    stop(server.process)
    listed = json.loads(run_command(server, "share", "list", "--json").stdout)["links"]
    assert [one["openings"] for one in listed if one["id"] == link["id"]] == [3]


def test_a_server_that_other_machines_could_reach_does_not_start(tmp_path):
    """Which addresses those are: tests/server/test_guard.py."""
    process, _, log = launch(tmp_path, "--server.address", "0.0.0.0")
    assert process.wait(60) != 0
    said = log.read_text()
    assert "Not started: the server would be reachable from other machines" in said and "Traceback" not in said
    assert "Network URL" not in said, "Streamlit would ask an outside service for the address of this server"
    assert not (tmp_path / "state.duckdb").exists()


def test_uvicorn_serves_the_same_from_another_folder(tmp_path):
    port = free_port()
    with (tmp_path / "log").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--app-dir", str(places.ROOT), "app:app", "--port", str(port)],
            cwd=tmp_path,
            env=settings_of(tmp_path),
            stdout=out,
            stderr=out,
        )
    try:
        from tests.server.conftest import ready

        ready(process, port, tmp_path / "log")
        done = subprocess.run(
            [sys.executable, "-m", "scorecard", "health", "--json"],
            cwd=places.ROOT,
            env=settings_of(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert json.loads(done.stdout)["status"] == "ok", done.stderr
    finally:
        stop(process)
