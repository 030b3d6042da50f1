"""What the process counts, and how it is written for programs that watch it."""

from __future__ import annotations

import threading

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

from scorecard import watch
from scorecard.core import openmetrics
from scorecard.core.openmetrics import Family, Sample, gauge


def families(text: str) -> dict:
    return {family.name: family for family in parsed(text)}


def test_what_is_counted_is_what_a_parser_of_the_format_reads():
    seen = watch.Watch()
    for seconds in (0.004, 0.01, 0.2, 30.0):
        seen.reran("scorecard", "page", seconds)
    seen.reran("data", "fragment", 0.5)
    seen.answered("/share/{token}", 200)
    seen.answered("/share/{token}", 200)
    seen.answered("/share/{token}", 404)
    seen.ended("load_file", "done")
    seen.fault("page")
    with seen.connected():
        found = families(openmetrics.text(seen.families()))
    buckets = {one.labels["le"]: one.value for one in found["scorecard_rerun_seconds"].samples
               if one.name.endswith("_bucket") and one.labels["page"] == "scorecard"}
    assert (buckets["0.01"], buckets["0.1"], buckets["0.25"], buckets["10.0"], buckets["+Inf"]) == (2, 2, 3, 3, 4)
    sums = {one.labels["page"]: one.value for one in found["scorecard_rerun_seconds"].samples if one.name.endswith("_sum")}
    assert sums == {"scorecard": pytest.approx(30.214), "data": 0.5}
    assert {(one.labels["status"], one.value) for one in found["scorecard_requests"].samples} == {("200", 2), ("404", 1)}
    assert found["scorecard_jobs_ended"].samples[0].labels == {"kind": "load_file", "outcome": "done"}
    assert found["scorecard_faults"].samples[0].value == found["scorecard_browsers"].samples[0].value == 1
    assert families(openmetrics.text(seen.families()))["scorecard_browsers"].samples[0].value == 0


def test_a_label_with_quotes_and_line_ends_stays_one_label():
    hostile = 'a"b\\c\nscorecard_faults_total 9\n# EOF'
    found = families(openmetrics.text([gauge("source_age", 'Words with "quotes"\nand an end.', {(("source", hostile),): 3})]))
    assert [(one.labels, one.value) for one in found["source_age"].samples] == [({"source": hostile}, 3.0)]


@pytest.mark.parametrize("value", [0, 3, 0.25, 1e-7, 1234567890123, 1.5e300])
def test_figures_are_read_back_as_they_were(value):
    found = families(openmetrics.text([Family("some", "gauge", "Some.", (Sample((), value),))]))
    assert found["some"].samples[0].value == value


def test_eight_threads_lose_no_count():
    seen = watch.Watch()

    def work() -> None:
        for _ in range(500):
            seen.reran("review", "page", 0.02)
            seen.answered("/api", 200)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    text = openmetrics.text(seen.families())
    assert 'scorecard_rerun_seconds_count{page="review",part="page"} 4000' in text
    assert 'scorecard_requests_total{route="/api",status="200"} 4000' in text


def test_a_drawing_that_breaks_is_counted_all_the_same(monkeypatch):
    monkeypatch.setattr(watch, "here", watch.Watch())
    with pytest.raises(KeyboardInterrupt), watch.timed(lambda: "data", "page"):
        raise KeyboardInterrupt
    assert 'scorecard_rerun_seconds_count{page="data",part="page"} 1' in openmetrics.text(watch.here.families())
