"""What is planted on the Sensory page is found through the product's own functions: posts that are silent, names of themes and what
came back, sessions that were missed, what changes around the company, and an assumption that failed."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import registers, sample
from scorecard.sensory import feedback, posts, themes
from tests import stores
from tests.conftest import make_actor

LAST = date(2026, 10, 31)
GONE = ("register_entry", "register_version", "register_value", "theme_rule", "project", "experiment", "experiment_version", "experiment_look")


@pytest.fixture(scope="module")
def larkfield(company, tmp_path_factory):
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("listening")))
    yield store
    store.close()


def entries(store, register, **wanted):
    with store.read() as tx:
        return registers.entries(tx, register, **wanted)


def test_four_of_24_posts_are_silent_two_of_them_in_small_business(larkfield):
    found = posts.read(larkfield, LAST, stores.TODAY)
    assert posts.sentence(found) == ("4 of 24 listening posts are silent:", "2 of them in Small business.")
    assert {(post.name, cell.segment) for post, cell in found.silent} == {
        ("Customer reviews in groups", "Small business"), ("Review sites of analysts", "Enterprise"),
        ("Partner feedback of resellers", "Mid-market"), ("Partner feedback of resellers", "Small business")}  # fmt: skip
    assert {post.name for post in found.posts if post.third_party} == {
        "Review sites", "Review sites of analysts", "Partner feedback", "Partner feedback of resellers"}  # fmt: skip
    usage = next(post for post in found.posts if post.name == "Product usage")
    assert [cell.share for cell in usage.cells] == [1, 1, 1]


def test_what_came_back_stands_beside_each_theme(larkfield):
    with larkfield.read() as tx:
        back = feedback.by_theme(tx)
    assert {theme: (one.department, one.said) for theme, one in back.items()} == {
        "rota publishing slow or failing": ("Development", "fix in 26.12"), "price rise came as a surprise": ("Sales", "answered 28 Oct: told 90 days ahead"),
        "reports hard to export": ("Product", "on roadmap, Q1"), "roles unclear at the start": ("Onboarding", "new checklist"),
        "no word on open tickets": ("Support", "no answer yet"), "payroll link breaks": ("Partner", "no answer yet")}  # fmt: skip


def test_findings_went_to_six_departments_and_came_back_from_four_of_the_themes(larkfield):
    said = {one.label for one in themes.read(larkfield, LAST).themes[:6]}
    found = {one.values["theme"]: (one.values["department"], one.state) for one in entries(larkfield, "finding") if "theme" in one.values}
    assert found == {
        "Rota publishing slow or failing": ("development", "answered"), "Price rise came as a surprise": ("sales", "answered"),
        "Reports hard to export": ("product", "answered"), "Roles unclear at the start": ("onboarding", "closed"),
        "No word on open tickets": ("support", "sent"), "Payroll link breaks": ("partner", "sent")}  # fmt: skip
    assert said == set(found)


def test_the_names_of_themes_are_a_version_of_the_rules_with_its_reason(larkfield):
    (only,) = themes.history(larkfield)
    assert (only.version, only.author) == (1, "Sam Whitlock") and "Publishing and payroll" in only.reason


def test_two_of_six_feedback_sessions_were_held_and_one_is_ahead(larkfield):
    found = [one.state for one in entries(larkfield, "feedback_session")]
    assert {state: found.count(state) for state in found} == {"held": 2, "missed": 4, "planned": 1}


def test_the_environment_is_watched_in_all_six_fields(larkfield):
    of = registers.register("environment")
    found = entries(larkfield, "environment")
    assert {one.values["field"] for one in found} == set(of.field("field").choices)
    assert {one.values["side"] for one in found} == {"threat", "opportunity", "both"}


def test_one_assumption_failed_its_challenge_one_holds_and_two_wait_for_theirs(larkfield):
    found = {one.title: one.state for one in entries(larkfield, "assumption")}
    assert sorted(found.values()) == ["fails", "holds", "open", "open"] and found["An account that is quiet is content"] == "fails"
    assert all(one.values["test"] and one.values["next_challenge"] for one in entries(larkfield, "assumption"))


def test_every_entry_was_written_on_its_own_day_by_its_own_person(larkfield):
    found = [one for register in ("listening_post", "finding", "feedback_session", "environment", "assumption") for one in entries(larkfield, register)]
    assert all(one.made_at.date() < stores.TODAY and one.id.startswith("sample-") for one in found)
    assert len({one.made_by for one in found}) > 8
    with larkfield.read() as tx:
        history = registers.history(tx, "finding", "sample-finding-publishing")
    assert [(one.entry.version, one.entry.state, one.entry.recorded_at.date().isoformat()) for one in history] == [
        (3, "answered", "2026-10-29"), (2, "sent", "2026-10-13"), (1, "open", "2026-10-12")]  # fmt: skip


def test_all_of_it_goes_with_the_sample(company, tmp_path):
    store = stores.opened(stores.copied(company, tmp_path))
    sample.remove(store, make_actor())
    with store.read() as tx:
        assert [tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in GONE] == [0] * len(GONE)
    store.close()
