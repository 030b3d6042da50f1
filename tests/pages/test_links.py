"""The map, the roll-up and the benchmarks on the pages, and the forms beside them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, measures
from scorecard.ui import state
from tests.conftest import make_actor
from tests.endurance import some
from tests.pages.test_pages import labels, press


def form(name: str, here: str) -> None:
    """The script of one form: its dialog is opened in each run."""
    from scorecard.ui import link_forms, state, views

    page = state.page("read_scorecard")
    known = link_forms.edited(page)
    if name == "take_back":
        link_forms.take_back(page, known, views.overview(page).links)
    elif name == "drop_benchmark":
        link_forms.drop_benchmark(page, known)
    else:
        getattr(link_forms, name)(page, known, here)


@pytest.fixture
def edit(fill):
    """Opens a form as a leader: `edit("state_link", "renewal_rate")`."""

    def open_form(name: str, here: str = "renewal_rate") -> AppTest:
        fill()
        return AppTest.from_function(form, args=(name, here), default_timeout=60).run()

    return open_form


def definition(name: str):
    return measures.current(state.store())[name]


@pytest.mark.endurance
@pytest.mark.parametrize("role", some(access.ROLES, 2))
@pytest.mark.parametrize("page", ["metrics", "measure"])
def test_links_and_benchmarks_are_edited_by_who_may_edit_measures(see, page, role):
    at = see(page, role, **({"measure": "renewal_rate"} if page == "measure" else {}))
    offered, may = labels(at), access.may(make_actor(role), "edit_measures")
    assert not at.exception
    assert ("State a link" in offered) is may and ("Take a link back" in offered) is may
    assert ("Add a benchmark" in offered) is may


def test_a_link_is_stated_with_direction_delay_and_reason(edit):
    at = edit("state_link", "cost_to_serve")
    at.selectbox(key="link cause").select("trust_score")
    at.radio(key="link sign").set_value(-1)
    at.number_input(key="link lag").set_value(3)
    at.text_area[0].set_value("Who trusts us asks less.")
    press(at, "Save the link")
    assert not at.exception and not at.error
    (found,) = definition("cost_to_serve").drivers
    assert (found.measure, found.sign, found.lag, found.why) == ("trust_score", -1, 3, "Who trusts us asks less.")


def test_a_link_without_a_reason_is_refused_in_words(edit):
    at = press(edit("state_link"), "Save the link")
    assert not at.exception and "reason is empty" in at.error[0].value


def test_a_link_is_taken_back(edit):
    at = edit("take_back")
    at.text_area[0].set_value("It was a guess.")
    before = sum(len(one.drivers) for one in measures.current(state.store()).values())
    press(at, "Take it back")
    assert not at.exception and not at.error
    assert sum(len(one.drivers) for one in measures.current(state.store()).values()) == before - 1


def test_a_benchmark_is_typed_in_the_unit_that_is_shown(edit):
    at = edit("add_benchmark", "renewal_rate")
    at.text_input(key="benchmark source").set_value("14 vendors")
    for key, value in (("low", 88.0), ("median", 91.0), ("high", 94.0)):
        at.number_input(key=f"benchmark {key}").set_value(value)
    at.text_area[0].set_value("Theirs counts contracts.")
    press(at, "Save the benchmark")
    assert not at.exception and not at.error
    (found,) = [one for one in definition("renewal_rate").benchmarks if one["source"] == "14 vendors"]
    assert (found["low"], found["median"], found["high"]) == pytest.approx((0.88, 0.91, 0.94))
    assert found["note"] == "Theirs counts contracts."


def test_a_benchmark_without_a_figure_is_refused_in_words(edit):
    at = edit("add_benchmark")
    at.text_input(key="benchmark source").set_value("14 vendors")
    press(at, "Save the benchmark")
    assert not at.exception and "have no figure" in at.error[0].value


def test_a_benchmark_is_taken_away(edit):
    at = edit("add_benchmark", "renewal_rate")
    before = _benchmarks()
    at.radio(key="benchmark kind").set_value("one figure").run()
    at.text_input(key="benchmark source").set_value("14 vendors")
    at.number_input(key="benchmark median").set_value(91.0)
    press(at, "Save the benchmark")
    at = AppTest.from_function(form, args=("drop_benchmark", ""), default_timeout=60).run()
    at.text_area[0].set_value("They stopped.")
    press(at, "Take it away")
    assert not at.exception and not at.error and _benchmarks() == before


def _benchmarks() -> int:
    return sum(len(definition(name).benchmarks) for name in ("renewal_rate", "cost_to_serve"))


def test_another_measure_can_be_followed_upwards(see):
    at = see("metrics", "viewer")
    at.selectbox(key="rolled up").select("mrr_expansion").run()
    assert not at.exception
