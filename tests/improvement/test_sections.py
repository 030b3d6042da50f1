"""The sections of drivers and experiments on a page: what is asked, what can be done next, what a look does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from scorecard.core.experiments import Arm, Sample
from scorecard.improvement import drivers, experiments
from scorecard.improvement.experiments import Counts, Guard
from scorecard.output import study_experiments as output
from scorecard.ui import block, state, study_drivers, study_experiments
from tests import stores
from tests.improvement.test_drivers import make_company
from tests.improvement.test_experiments import AFTER, BEFORE, LEADER, MEMBER, TALK
from tests.pages.conftest import with_roles
from tests.pages.test_pages import labels, press

TYPED = replace(TALK, title="<b>Talk</b> at 90 days", metric="counts", counted="renewed", guards=(Guard("CSM hours", "typed", margin=1.0),))
SEEN = Counts(Arm(80, 102), Arm(94, 104), {"CSM hours": (Sample(2.3, 0.8, 102), Sample(2.4, 0.9, 104))})


def sections() -> None:
    """A page with both sections."""
    from scorecard.ui import forms, state, study_drivers, study_experiments

    page = state.page("read_scorecard")
    forms.begin()
    study_experiments.button(page)
    study_drivers.draw(page)
    study_experiments.draw(page)
    forms.settle()


def form() -> None:
    """A page with the form of a new experiment; AppTest sees no dialogs."""
    from scorecard.ui import forms, state, study_experiments

    page = state.page("read_scorecard")
    forms.begin()
    study_experiments._form(page, None)
    forms.settle()


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A folder with a company that has drivers, and members of each role."""
    folder = tmp_path_factory.mktemp("studied")
    stores.make_beginning(folder)
    make_company(folder).close()
    return with_roles(tmp_path_factory, folder)


@pytest.fixture
def drawn(monkeypatch):
    """What was drawn by key, the latest of each."""
    found: dict[str, str] = {}

    def draw(content: str, key: str) -> None:
        st.container(key=key)  # Two of one key are refused here as on the page.
        found[key] = content

    monkeypatch.setattr(block, "draw", draw)
    return found


@pytest.fixture
def run(filled, tmp_path, drawn):
    stores.copied(filled, tmp_path)

    def open_script(role: str = "leader", script=sections) -> AppTest:
        drawn.clear()
        at = AppTest.from_function(script, default_timeout=60)
        at.session_state[state.PERSON] = f"test-{role}"
        return at.run()

    yield open_script
    state.close()


def concluded(store):
    made = experiments.design(store, MEMBER, TYPED, now=datetime(2026, 3, 20))
    experiments.freeze(store, LEADER, made.id, 1, BEFORE, now=datetime(2026, 3, 24))
    experiments.look(store, MEMBER, made.id, AFTER, SEEN, now=datetime(2026, 10, 5))
    return experiments.conclude(store, LEADER, made.id, "Adopt from 1 Dec", 2, AFTER, now=datetime(2026, 10, 6))


def test_both_sections_are_drawn_and_a_model_is_kept_and_scores(run, drawn):
    at = run()
    assert 'data-driver="Unresolved tickets"' in drawn["churn drivers"] and not at.exception and "New experiment" in labels(at)
    assert "Keep this model" not in labels(at), "what is closed is not drawn"
    at.session_state[study_drivers.MODELS] = True
    at.run()
    at.text_input(key="model name").set_value("Autumn")
    press(at, "Keep this model")
    assert not at.error and drivers.kept(state.store())[0].name == "Autumn" and "Autumn" in drawn["model told"]


def test_segments_are_compared_beside_one_another(run, drawn):
    at = run()
    at.toggle(key=study_drivers.SEGMENTS).set_value(True).run()
    assert not at.exception and "drivers of segments" in drawn


def test_a_refused_question_says_why_and_the_others_stay(run):
    at = run()
    at.multiselect[0].set_value([])
    press(at, "Ask")
    assert "Choose at least one" in at.error[0].value and not at.exception


def test_an_experiment_goes_from_draft_to_frozen_on_the_page(run, drawn):
    store = state.store()
    experiments.design(store, MEMBER, replace(TALK, starts=date(2999, 1, 1), ends=date(2999, 6, 1)))
    at = run()
    assert "Draft" in drawn["experiment"] and "Rule, not frozen yet" in drawn["experiment"]
    press(at, "Freeze it")
    assert not at.error and "fingerprint" in drawn["experiment"] and "Draw the accounts" in labels(at)
    viewer = run("viewer")
    assert "New experiment" not in labels(viewer) and "Draw the accounts" not in labels(viewer) and "fingerprint" in drawn["experiment"]


def test_a_concluded_experiment_is_drawn_with_its_arms_difference_and_decision(run, drawn):
    made = concluded(state.store())
    at = run()
    html = drawn["experiment"]
    assert "experiment versions" not in drawn, "what is closed is not read"
    at.session_state[f"experiment history {made.id}"] = True
    at.run()
    assert "version 3, concluded" in drawn["experiment versions"] and "version 1, draft" in drawn["experiment versions"]
    assert 'data-verdict="adopt"' in html and "94 of 104 renewed" in html and "+12.0 points" in html and "Adopt from 1 Dec" in html
    assert "&lt;b&gt;Talk&lt;/b&gt;" in html and "<b>Talk</b>" not in html


def test_the_form_of_a_new_experiment_tells_its_size_and_saves_a_draft(run, drawn):
    at = run("member", form)
    assert "an arm" in drawn["design new sizes"]
    at.text_input(key="design new title").set_value("Earlier talk")
    at.text_input(key="design new change").set_value("Early")
    at.text_input(key="design new control").set_value("As now")
    press(at, "Save the draft")
    with state.store().read() as tx:
        (found,) = experiments.listed(tx)
    assert not at.error and found.design.title == "Earlier talk" and found.design.per_arm > 50
    assert at.session_state[study_experiments.MADE] == found.id, "what was just made is what the page shows"


def test_the_drawing_hides_the_difference_before_its_moment_and_the_csv_too(run):
    store = state.store()
    made = experiments.design(store, MEMBER, TYPED, now=datetime(2026, 3, 20))
    experiments.freeze(store, LEADER, made.id, 1, BEFORE, now=datetime(2026, 3, 24))
    told = experiments.look(store, MEMBER, made.id, AFTER, Counts(Arm(10, 40), Arm(39, 41)))
    html = output.section(told)
    assert "points</text>" not in html and "not shown before" in html and "1 look was" in html
    assert output.csv(told).splitlines()[1].split(",")[4:7] == ["", "", ""] and output.news(told) is None


def test_the_list_of_arms_is_a_csv_that_says_what_each_account_gets(run):
    store = state.store()
    plan = replace(TYPED, segment="North", starts=date(2026, 6, 1), ends=date(2026, 7, 1))
    made = experiments.design(store, MEMBER, plan)
    experiments.freeze(store, LEADER, made.id, 1, BEFORE)
    placed = experiments.draw(store, MEMBER, made.id, BEFORE)
    text = output.arms_csv(made, placed, experiments.names_of(store, placed))
    assert text.splitlines()[0] == "account,name,csm,stratum,arm,what_they_get" and len(text.splitlines()) == 121
    assert {line.split(",")[-1] for line in text.splitlines()[1:]} == {"Talk at 90 days", "Talk at 45 days"}
