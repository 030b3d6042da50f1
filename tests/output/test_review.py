"""The review says what its view says: in order, safely, with every mark in words beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scorecard.output import review_tables as review
from tests.output import make_review as make
from tests.output.test_tables import HOSTILE, parsed, words

VIEW, SIGNED = make.make_review(), make.make_signed()
NAMES = review.names_of(VIEW.month)


def href(item: str) -> str:
    return f"review?item={item}"


def zone(moment, long: bool = False) -> str:
    return f"{moment:%d %b %H:%M}"


def every_block(view) -> str:
    """All that the page draws of a view."""
    month = view.month
    blocks = [review.agenda_head(view), review.agenda(month.items, NAMES, href, month.items[-1].id), review.foot(view),
              review.progress(view), review.signing(view, zone, href), review.last_actions(month.actions, NAMES),
              review.changes(month.changes), review.routine(view.routine), review.signed(view, zone),
              review.signed_foot(month), review.beside(month), review.overview([view], href), review.present(view, zone)]
    items = [part for item in month.items for part in (review.discuss(item, month.measures[0]), review.suggestion(item),
                                                       review.read_item(item, NAMES))]
    return "".join(blocks + items)


@pytest.mark.parametrize("view", [VIEW, SIGNED], ids=["open", "signed"])
def test_every_block_of_a_review_is_well_formed(view):
    assert parsed(every_block(view)) is not None


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_wrote_becomes_markup(text):
    action = make.make_action(text, "tickets", text)
    item = replace(make.decided(VIEW.month.items[1], "watch", action), title=text, why=text, discussion=text, settle=text,
                   commitment=text, followed=text, suggested_why=text, decided_by=text)
    changes = make.make_changes(new_signals=(text,), restated=(text,), moved=())
    month = replace(VIEW.month, items=(item,), changes=changes, commentary=text, chair=text,
                    beside=(replace(SIGNED.month.beside[0], text=text, author=text),),
                    signature=replace(make.SIGNED, name=text, role=text))
    shown = every_block(replace(VIEW, month=month, budget=text, checks=(make.Check(True, text),)))
    tags = {one.tag for one in parsed(shown).iter()}
    assert not tags & {"script", "img", "iframe"}


def test_the_second_line_says_when_who_and_how_many():
    assert review.second_line(VIEW, "9 Nov") == (
        "Thursday 12 November, 14:00 to 15:00 · chaired by Rana Amari · 3 people · pre-read sent 9 Nov")
    assert review.second_line(SIGNED, "9 Nov") == (
        "Thursday 12 November 2026 · chaired by Rana Amari · 3 people present · read from the frozen copy")


def test_a_review_that_nobody_planned_says_so():
    bare = replace(VIEW, month=replace(VIEW.month, held_on=None, begins="", chair="", attendees=()))
    assert review.second_line(bare) == "No day set · no chair yet"


def test_the_agenda_stands_in_its_order_with_status_minutes_and_state():
    shown = words(review.agenda(VIEW.month.items, NAMES, href))
    assert [shown.index(item.title) for item in VIEW.month.items] == sorted(shown.index(i.title) for i in VIEW.month.items)
    assert "15 min In discussion" in shown and "10 min Not started" in shown and "Act" in shown and "On course" in shown


def test_a_closed_item_shows_its_decision_with_owner_due_and_expected_effect():
    shown = words(review.agenda(VIEW.month.items, NAMES, href))
    assert "Change the process Pilot goes on, with a price talk 90 days out Amara Osei · 12 Dec" in shown
    assert "+1.5 points by 30 Apr" in words(review.agenda(make.make_items(), {"renewal_rate": make.make_items()[0].row.measure}))


def test_a_part_of_the_agenda_goes_on_with_its_numbers():
    assert '<ol class="agenda" start="3">' in review.agenda(VIEW.month.items[2:], NAMES, href)


def test_the_drawing_of_an_item_names_its_latest_figure_and_its_limits():
    item = VIEW.month.items[1]
    texts = [one.text for one in parsed(review.chart(item.row)).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "68" and len(texts) >= 3


def test_labels_beside_a_drawing_never_stand_over_one_another():
    placed = review._apart([(10.0, "now", ""), (12.0, "upper", ""), (40.0, "centre", ""), (47.0, "lower", "")])
    assert [text for _, text, _ in placed] == ["now", "centre"]


def test_an_item_shows_where_it_comes_from_and_the_newest_notes():
    shown = words(review.discuss(VIEW.month.items[1], VIEW.month.measures[0]))
    assert "Enterprise" in shown and "Small business" in shown and "In-app tour for admins" in shown
    assert "What was different in October?" in shown


def test_who_may_not_decide_reads_what_was_said_decided_and_assigned():
    first, second = VIEW.month.items[:2]
    assert "Change the process" in words(review.read_item(first, NAMES)) and "Amara Osei" in words(review.read_item(first, NAMES))
    assert "Not decided yet." in words(review.read_item(second, NAMES)) and "No action yet." in words(review.read_item(second, NAMES))


def test_the_way_to_signing_says_what_is_done_and_what_is_not():
    shown = review.progress(VIEW)
    assert "3 of 5 items decided 60%" in words(shown) and "width:60%" in shown
    assert 'aria-label="still to do:"' in shown and shown.count('aria-label="done:"') == 2


def test_the_last_signature_stands_with_its_fingerprint_and_a_link():
    shown = review.signing(VIEW, zone, lambda month: f"review?month={month}")
    assert "September 2026: signed by Rana Amari" in words(shown) and "e9ce ff4d e13e" in words(shown)
    assert 'href="review?month=September 2026"' in shown


@pytest.mark.parametrize("verdict, said", [("worked", "Worked"), ("no_evidence", "No evidence yet"), ("worse", "Worse"),
                                           ("too_few", "Too few months")])
def test_a_verdict_is_a_mark_with_its_word(verdict, said):
    assert words(review.verdict_mark(make.make_told("A", "tickets", verdict, "").verdict)) == said
    assert words(review.verdict_mark(None)) == "Not measured"


def test_what_changed_says_both_statuses_and_what_stayed():
    shown = words(review.changes(VIEW.month.changes))
    assert "Tickets open over 14 days Watch → Act" in shown and "Other eight measures status unchanged" in shown
    assert "Restated figures none" in shown
    told = words(review.changes(make.make_changes(restated=("Tickets: 68 became 67.",), new_signals=("A new one.",))))
    assert "Restated Tickets: 68 became 67." in told and "New signals A new one." in told and "none" not in told


def test_the_first_review_has_nothing_to_compare_with():
    assert "first review" in words(review.changes(make.make_changes(since=None, moved=())))


def test_a_signed_review_shows_name_time_fingerprint_and_that_it_matches():
    shown = words(review.signed_banner(SIGNED.month, zone))
    assert "Signed and frozen by Rana Amari, CS leader" in shown and "67d2 1185 0aab f5f2" in shown and "Matches" in shown


def test_a_copy_that_was_changed_is_said_and_not_called_a_match():
    broken = replace(SIGNED.month, signature=replace(make.SIGNED, matches=False))
    shown = words(review.signed_banner(broken, zone))
    assert "Does not match" in shown and "Matches" not in shown.replace("Does not match", "")


def test_the_decisions_of_a_signed_review_stand_in_a_table():
    shown = words(review.decisions(SIGNED.month))
    assert "Pilot goes on, with a price talk 90 days out Amara Osei due 12 Dec" in shown
    assert "no action" in shown


def test_notes_added_later_stand_beside_the_copy_with_day_and_name():
    shown = words(review.beside(SIGNED.month))
    assert "16 Nov, Sam Whitlock" in shown and "18 Nov, Jo Lind" in shown and "They never change it." in shown


def test_reviews_stand_side_by_side_with_how_far_each_is():
    shown = review.overview([VIEW, SIGNED], href)
    assert "In progress · 3 of 5 decided" in words(shown) and "Signed · 5 of 5 decided" in words(shown)


@pytest.mark.parametrize("begins, minutes, ends", [("14:00", 60, "15:00"), ("23:30", 45, "00:15"), ("", 60, ""), ("x", 5, "")])
def test_a_review_ends_when_its_minutes_are_over(begins, minutes, ends):
    assert review._ends(begins, minutes) == ends


def test_days_are_written_out():
    assert review.long_day(date(2026, 11, 12)) == "Thursday 12 November 2026"


def test_the_agenda_looks_as_it_did(golden):
    golden("review_agenda.html", review.agenda(VIEW.month.items, NAMES, href, VIEW.month.items[1].id).replace("><", ">\n<"))
