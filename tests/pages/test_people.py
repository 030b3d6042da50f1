"""The page People: which measures are shown and how, by choice and by address; an empty store. Roles are in the scenario Nobody is ranked."""

from __future__ import annotations

from scorecard.ui import block, people_context


def drawn(monkeypatch) -> list[str]:
    """What the page draws from now on."""
    found: list[str] = []
    monkeypatch.setattr(block, "draw", lambda content, key: found.append(content))
    return found


def test_the_address_and_the_menu_choose_the_measures_and_the_chart(look, monkeypatch):
    seen = drawn(monkeypatch)
    at = look("people", "viewer", measures="csat,promises_kept,unknown")
    assert not at.exception and [one.value for one in at.subheader][0] == "CSAT, against the whole team"
    assert list(at.multiselect(key=people_context.MEASURES).value) == ["csat", "promises_kept"]
    seen.clear()
    at.segmented_control(key=people_context.VIEW).set_value("Analysis of means")
    at.multiselect(key=people_context.MEASURES).set_value(["contact_schedule_kept"]).run()
    assert [one.value for one in at.subheader][0] == "Contact schedule kept, against the whole team"
    assert any("decision limits, h = 2.86 for 12 people" in content for content in seen)


def test_without_figures_the_page_tells_what_to_load(look):
    at = look("people", "viewer", empty=True)
    assert not at.exception and any("No measure has counted figures of single CSMs yet." in one.value for one in at.caption)


def test_the_sidebars_link_out_of_a_view_takes_the_view_out_of_the_browsers_address(look, monkeypatch):
    at = look("people", "viewer", view="staffing")
    told: list[dict] = []
    monkeypatch.setattr("streamlit.runtime.state.query_params_proxy.QueryParamsProxy.update", lambda self, said: told.append(dict(said)))
    at.run()
    assert told == []
    del at.query_params["view"]
    at.run()
    assert not at.exception and told == [{}]
