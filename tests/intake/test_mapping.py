"""Exports are recognised by names and content; what is sure is used and said, what is unsure is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused
from scorecard.intake import aliases, mapfile, mapping, settled
from scorecard.intake.profile import Content
from scorecard.intake.settled import Accounts, Proposed
from scorecard.intake.table import COMMAND_LINE
from scorecard.places import ROOT
from tests.intake.making import MEASURES, make_table

SHARED = ROOT.parent / "shared" / "data"
TOOLS = sorted(SHARED.glob("tool-exports/*/*.csv"))
NAMES = aliases.load()

# Every table of the tools that feeds a measure; all the others are refused.
KIND_OF = {
    "hubspot/company_data.csv": "account", "hubspot/ticket_data.csv": "ticket", "hubspot/ticket_company_data.csv": "ticket",
    "salesforce/sf_account_data.csv": "account", "salesforce/sf_account_history_data.csv": "account",
    "salesforce/sf_event_data.csv": "contact", "salesforce/sf_task_data.csv": "contact",
    "salesforce/sf_opportunity_data.csv": "renewal", "salesforce/sf_opportunity_history_data.csv": "renewal",
    "servicenow/core_company_data.csv": "account", "servicenow/incident_data.csv": "ticket", "servicenow/task_data.csv": "ticket",
    "stripe/customer_data.csv": "account", "zendesk/organization_data.csv": "account", "zendesk/ticket_data.csv": "ticket",
    "zuora/zuora_account_data.csv": "account", "zuora/zuora_rate_plan_charge_data.csv": "subscription",
}
REFUSED = {
    "stripe/subscription_data.csv": "They hold no amount", "zuora/zuora_subscription_data.csv": "They hold no amount",
    "hubspot/deal_data.csv": "They name no company", "salesforce/sf_contact_data.csv": "it holds people",
    "stripe/invoice_data.csv": "Recurring revenue is read from contracts", "zendesk/ticket_field_history_data.csv": "one row for each change",
    "salesforce/sf_lead_data.csv": "They are not customers yet", "zendesk/group_data.csv": "no kind of facts fits",
}


def make_proposed(folder: Path, content: str | bytes, name: str = "export.csv", accounts: Accounts = Accounts(), zone: str = "UTC",
                  reading: Mapping[str, str] | None = None, **choices: str) -> Proposed:
    """What a file of facts is taken for, with these answers."""
    table = make_table(folder, content, name, reading or {}, COMMAND_LINE)
    held = Content(table, NAMES.yes, NAMES.no)
    answers = {key.replace("__", ":"): one for key, one in choices.items()}
    return settled.settle(table, held, NAMES, mapping.draft(table, held, NAMES, answers), answers, accounts, zone)


def columns(proposed: Proposed, kind: str = "") -> dict[str, str]:
    return dict(next(one for one in proposed.mappings if not kind or one.kind == kind).columns)


# -- real exports

@pytest.mark.parametrize("path", TOOLS or [None], ids=lambda path: "/".join(path.parts[-2:]) if path else "absent")
def test_a_table_of_a_tool_is_recognised_or_refused_in_a_true_sentence(path, tmp_path):
    if path is None:
        pytest.skip(f"the example files are not beside the project ({SHARED})")
    name = "/".join(path.parts[-2:])
    try:
        proposed = make_proposed(tmp_path, path.read_bytes(), path.name)
    except FileRefused as refusal:
        assert name not in KIND_OF
        assert REFUSED.get(name, "") in str(refusal) and str(refusal).endswith(".")
        return
    assert proposed.kinds == (KIND_OF[name],)
    assert proposed.sure or name.startswith("salesforce/sf_opportunity")


EXPECTED_RAVENSTACK = {
    "accounts": ("account", {"account_id", "name", "industry", "country", "segment", "started_on", "churned"}),
    "subscriptions": ("subscription", {"subscription_id", "account_id", "started_on", "ended_on", "mrr", "plan", "seats", "trial",
                                       "churned", "auto_renew"}),
    "feature_usage": ("usage", {"usage_id", "subscription_id", "used_on", "event", "quantity"}),
    "support_tickets": ("ticket", {"ticket_id", "account_id", "opened_at", "resolved_at", "first_response_minutes", "severity",
                                   "satisfaction"}),
    "churn_events": ("account", {"account_id", "ended_on"}),
}


@pytest.mark.parametrize("file", EXPECTED_RAVENSTACK)
def test_ravenstack_is_sure(file, tmp_path, shared_data):
    kind, brings = EXPECTED_RAVENSTACK[file]
    path = shared_data / "ravenstack" / f"ravenstack_{file}.csv"
    proposed = make_proposed(tmp_path, path.read_bytes(), path.name)
    assert (proposed.kinds, set(columns(proposed)), proposed.sure) == ((kind,), brings, True)


def test_the_telecom_customers_are_accounts_with_a_mark_of_loss(tmp_path, shared_data):
    path = shared_data / "telco-ibm" / "Telco-Customer-Churn.csv"
    proposed = make_proposed(tmp_path, path.read_bytes(), path.name)
    assert columns(proposed) == {"account_id": "customerID", "churned": "Churn"} and proposed.sure


SCREENS = {
    "zendesk_ticket_csv_export": ("ticket", {"ticket_id": "Id", "account_id": "Organization", "opened_at": "Created at",
                                             "resolved_at": "Solved at", "first_response_minutes": "First reply time in minutes"}),
    "stripe_subscriptions_dashboard_export": ("subscription", {"subscription_id": "id", "account_id": "Customer ID", "mrr": "Amount",
                                                               "started_on": "Start Date (UTC)", "ended_on": "Ended At (UTC)"}),
    "hubspot_companies_export": ("account", {"account_id": "Record ID", "name": "Company name", "csm": "Company owner"}),
}
CELLS = {"created": "2026-01-31 10:00", "solved": "2026-02-01 11:30", "date": "2026-01-31", "at": "2026-01-31 10:00", "amount": "1200",
         "interval": "month", "(utc)": "2026-01-31 10:00", "minutes": "12", "start": "2026-01-31", "score": "Good"}


def cell(name: str, row: int) -> str:
    found = next((text for word, text in CELLS.items() if word in name.lower()), "")
    return found or f"{name[:8]} {row}"


@pytest.mark.parametrize("export", SCREENS)
def test_an_export_from_a_tools_own_screen_is_recognised_by_its_headers(export, tmp_path, shared_data):
    headers = json.loads((shared_data / "tool-exports" / "ui_export_headers.json").read_text("utf-8"))[export]
    lines = [",".join(headers), *(",".join(cell(name, row) for name in headers) for row in range(3))]
    proposed = make_proposed(tmp_path, "\n".join(lines) + "\n")
    kind, expected = SCREENS[export]
    assert proposed.kinds == (kind,) and expected.items() <= columns(proposed).items() and proposed.sure


@pytest.mark.parametrize(("export", "why"), [("hubspot_contacts_export", "it holds people"), ("hubspot_deals_export", "no company")])
def test_an_export_that_no_measure_uses_says_why(export, why, tmp_path, shared_data):
    headers = json.loads((shared_data / "tool-exports" / "ui_export_headers.json").read_text("utf-8"))[export]
    with pytest.raises(FileRefused, match=why):
        make_proposed(tmp_path, ",".join(headers) + "\n" + ",".join(cell(name, 1) for name in headers) + "\n")


# -- footers

FOOTER = ('\nGrand Totals (2 records)\n\nConfidential Information - Do Not Distribute\n'
          '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n')


@pytest.mark.parametrize("foot", [FOOTER, FOOTER.replace("(c)", "©"), FOOTER.replace("Grand Totals (2 records)", "Total,,2")])
def test_the_footer_of_a_salesforce_report_never_becomes_rows(foot, tmp_path):
    table = make_table(tmp_path, f"Account ID,Account Name,Account Owner\n1,Alder,Tolu\n2,Total,Rana\n{foot}", "report.csv")
    assert (table.rows, table.column("Account Name"), table.odd) == (2, ["Alder", "Total"], ())
    assert len(table.seen["footers"]) == 3


def test_a_last_row_called_total_without_a_footer_stays_a_row(tmp_path):
    table = make_table(tmp_path, "a,b\n1,2\nTotal,3\n")
    assert table.column("a") == ["1", "Total"] and "footers" not in table.seen


# -- units and splits

def test_an_annual_amount_is_divided_to_a_month(tmp_path):
    proposed = make_proposed(tmp_path, "subscription_id,account_id,start_date,arr\nS1,A1,2026-01-31,1200\nS2,A2,2026-02-28,2400\n")
    assert proposed.mappings[0].rule("mrr").divide == 12
    assert ("Units", "arr is for a year,", "divided by 12 to a month.") in proposed.said


@pytest.mark.parametrize(("header", "by"), [("mrr (cents)", 100), ("mrr", 1), ("monthly_amount (in cents)", 100)])
def test_cents_are_divided_when_the_name_says_so(header, by, tmp_path):
    proposed = make_proposed(tmp_path, f"subscription_id,account_id,start_date,{header}\nS1,A1,2026-01-31,120000\n")
    assert proposed.mappings[0].rule("mrr").divide == by


def test_yearly_amounts_of_stripe_are_a_twelfth_a_month(tmp_path):
    rows = "id,Customer ID,Status,Amount,Interval,Created (UTC)\ns1,c1,active,100.00,month,2026-01-01\ns2,c2,active,1200.00,year,2026-01-01\n"
    monthly, yearly = make_proposed(tmp_path, rows).mappings
    assert (monthly.rule("mrr").divide, yearly.rule("mrr").divide) == (1, 12)
    assert (monthly.where["Interval"][0], yearly.where["Interval"][0]) == ("month", "year")


@pytest.mark.parametrize(("unit", "by"), [("hours", 1 / 60), ("seconds", 60), ("minutes", 1)])
def test_a_first_response_in_another_unit_is_kept_in_minutes(unit, by, tmp_path):
    rows = f"ticket_id,created_at,status,first_response_time_{unit}\nT1,2026-01-31 10:00,open,2\nT2,2026-01-31 11:00,open,3\n"
    assert make_proposed(tmp_path, rows).mappings[0].rule("first_response_minutes").divide == pytest.approx(by)


def test_a_list_of_customers_with_a_start_and_an_amount_is_accounts_and_contracts(tmp_path):
    proposed = make_proposed(tmp_path, "customer_id,name,segment,start_date,mrr\nC1,Alder,Small,2026-01-31,100\nC2,Birch,Large,2026-02-28,200\n")
    assert set(proposed.kinds) == {"account", "subscription"} and proposed.sure
    assert columns(proposed, "subscription")["subscription_id"] == "customer_id"


def test_months_across_are_monthly_revenue(tmp_path):
    proposed = make_proposed(tmp_path, "account_id,2026-01,2026-02,Mar 2026\nA1,100,110,\nA2,50,50,60\n", "mrr by account.csv")
    (one,) = proposed.mappings
    assert one.kind == "mrr_month" and dict(one.spread.columns) == {"2026-01": "2026-01", "2026-02": "2026-02", "Mar 2026": "2026-03"}
    assert proposed.sure


def test_months_across_without_a_word_for_them_are_asked_about(tmp_path):
    text = "account_id,2026-01,2026-02,2026-03\nA1,100,110,9\n"
    assert [one.id for one in make_proposed(tmp_path, text).questions] == ["months"]
    answered = make_proposed(tmp_path, text, months="usage")
    assert answered.sure and answered.kinds == ("usage",)


def test_the_next_month_across_has_the_same_mark():
    assert mapping.header_of(["account", "2026-01", "2026-02"]) == mapping.header_of(["Account ", "2026-03"])


# -- what is asked, and what is not

def test_which_end_of_a_scale_is_severe_is_asked(tmp_path):
    text = "Ticket ID,Created,Status,Prio\n1,2026-01-31 10:00,open,1\n2,2026-01-31 11:00,open,4\n3,2026-01-31 12:00,open,2\n"
    (question,) = make_proposed(tmp_path, text).questions
    assert question.id == "scale:Prio" and question.options[0] == ("first", "1 is most severe")
    last = make_proposed(tmp_path, text, scale__Prio="last").mappings[0]
    assert last.rule("severity").values == {"1": "4", "2": "3", "4": "1"}
    assert "severity" not in columns(make_proposed(tmp_path, text, scale__Prio="-"))
    assert columns(make_proposed(tmp_path, text, scale__Prio="first"))["severity"] == "Prio"


def test_accepting_what_is_sure_leaves_the_unsure_column_out(tmp_path):
    text = "Ticket ID,Created,Status,Prio\n1,2026-01-31 10:00,open,1\n2,2026-01-31 11:00,open,4\n"
    proposed = make_proposed(tmp_path, text, unsure="leave")
    assert proposed.sure and "severity" not in columns(proposed) and "unsure" not in proposed.answers


def test_a_required_column_that_is_unsure_is_asked_even_then(tmp_path):
    text = "ticket_id,created_at,status\n1,01/02/2026 10:00,open\n2,03/04/2026 10:00,open\n"
    assert [one.id for one in make_proposed(tmp_path, text, unsure="leave").questions] == ["dates"]


def test_one_date_column_proves_the_order_of_the_others(tmp_path):
    text = "ticket_id,created_at,solved_at,status\n1,01/02/2026 10:00,28/02/2026 10:00,solved\n2,03/02/2026 10:00,,open\n"
    proposed = make_proposed(tmp_path, text)
    assert proposed.sure and {proposed.mappings[0].rule(name).date_order for name in ("opened_at", "resolved_at")} == {"day-first"}


def test_a_number_that_can_be_read_two_ways_is_asked_about(tmp_path):
    text = "subscription_id,account_id,start_date,mrr\nS1,A1,2026-01-31,1.200\nS2,A2,2026-01-31,3.400\n"
    assert [one.id for one in make_proposed(tmp_path, text).questions] == ["decimal"]
    assert make_proposed(tmp_path, text, decimal="comma").mappings[0].rule("mrr").decimal == ","


def test_a_required_column_with_a_near_name_is_asked_about(tmp_path):
    text = "ticket_id,date of ticket created,status\n1,2026-01-31 10:00,open\n2,2026-02-01 10:00,open\n"
    (question,) = make_proposed(tmp_path, text).questions
    assert question.id == "column:date of ticket created" and question.options[0][0] == "ticket.opened_at"


def test_a_column_that_somebody_moves_goes_there(tmp_path):
    text = "account_id,name,segment,pod name\nA1,Alder,Small,North\n"
    assert "team" not in columns(make_proposed(tmp_path, text))
    moved = make_proposed(tmp_path, text, **{"column__pod name": "account.team", "column__segment": "-"})
    assert columns(moved) == {"account_id": "account_id", "name": "name", "team": "pod name"}


def test_scores_that_name_no_question_are_asked_about(tmp_path):
    text = "response_id,account_id,date,score\nR1,A1,2026-01-31,9\n"
    assert [one.id for one in make_proposed(tmp_path, text).questions] == ["asked"]
    assert make_proposed(tmp_path, text, "nps-2026.csv").mappings[0].rule("question").constant == "nps"
    assert make_proposed(tmp_path, text.replace("score", "CSAT score")).mappings[0].rule("question").constant == "csat"


def test_the_words_of_a_tool_become_ours(tmp_path):
    text = "ticket_id,created_at,status,priority\n1,2026-01-31 10:00,New,P1\n2,2026-02-01 10:00,Resolved,Critical\n"
    one = make_proposed(tmp_path, text).mappings[0]
    assert one.rule("status").values == {"New": "open", "Resolved": "solved"} and one.rule("severity").values["Critical"] == "urgent"


def test_accounts_by_name_become_ids_where_the_store_knows_them(tmp_path):
    accounts = Accounts(frozenset({"A1", "A2"}), {"alder clinics": "A1", "birch": "A2"})
    text = "Ticket ID,Created,Status,Org\n1,2026-01-31 10:00,open,Alder Clinics\n2,2026-01-31 11:00,open,Birch\n"
    proposed = make_proposed(tmp_path, text, accounts=accounts)
    assert proposed.mappings[0].rule("account_id").values == {"Alder Clinics": "A1", "Birch": "A2"}
    assert next(place.seen for place in proposed.places if place.name == "Org") == "every name found"


def test_times_without_a_zone_are_the_organisations_unless_whole_days_or_utc_stand_beside_them(tmp_path):
    text = "ticket_id,created_at,solved_at,status\n1,{},2026-02-02 10:00,solved\n"
    timed = make_proposed(tmp_path, text.format("2026-02-01 09:00"), zone="Europe/Berlin").mappings[0]
    days = make_proposed(tmp_path, text.format("2026-02-01"), zone="Europe/Berlin").mappings[0]
    named = make_proposed(tmp_path, text.format("2026-02-01 09:00").replace("created_at", "Created (UTC)"), zone="Europe/Berlin").mappings[0]
    assert [one.rule("opened_at").zone for one in (timed, days, named)] == ["Europe/Berlin", "", ""]


# -- figures or facts

@pytest.mark.parametrize(("text", "figures"), [
    ("measure,period,value\nrenewal_rate,2026-09,0.9\n", True), ("month,Renewal rate,tickets\n2026-09,90%,7\n", True),
    ("period,measure,segment,numerator,denominator\n2026-09,x,,1,2\n", True), ("account_id,month,mrr\nA1,2026-09,100\n", False),
    ("ticket_id,created_at,status\nT1,2026-09-01,open\n", False), ("month,account,tickets\n2026-09,A1,7\n", False)])
def test_a_table_of_figures_is_told_from_one_of_facts(text, figures, tmp_path):
    assert mapping.holds_figures(make_table(tmp_path, text), MEASURES, {}) is figures


# -- the map as a file

def test_a_map_with_questions_is_written_corrected_and_read_back(tmp_path):
    text = 'Ticket "ID",Created,Status,Prio\n1,2026-01-31 10:00,open,1\n2,2026-01-31 11:00,open,4\n'.replace('"ID"', "ID")
    table = make_table(tmp_path, text, "help desk.csv")
    proposed = make_proposed(tmp_path, text, "help desk.csv")
    said = mapfile.written(proposed, "help desk.csv", "help desk.map.toml")
    assert "# Prio: it runs from 1 to 4, and the file does not say which end is severe. Which is it?" in said
    assert '"scale:Prio" = ""' in said and '#   "last"  4 is most severe' in said
    draft, answers = mapfile.read(said.replace('"scale:Prio" = ""', '"scale:Prio" = "last"'), "map", table)
    assert answers == {"scale:Prio": "last"} and draft.mappings == proposed.draft.mappings
    held = Content(table, NAMES.yes, NAMES.no)
    assert settled.settle(table, held, NAMES, draft, answers).sure


@pytest.mark.parametrize(("text", "why"), [
    ("[[facts]]\nkind = 'tickets'", "'tickets' is no kind of facts"), ("x = ", "cannot be read"), ("", "names no facts"),
    ("[[facts]]\nkind = 'ticket'\ncolumns = {opened = 'Created'}", "'opened' is no column of ticket"),
    ("[[facts]]\nkind = 'ticket'\ncolumns = {opened_at = 'Begun'}", "column 'Begun', which export.csv does not have"),
    ("[[facts]]\nkind = 'ticket'\ncolumns = {opened_at = 3}", "3 is no name of a column"),
    ("[[facts]]\nkind = 'ticket'\nrules = {opened_at = {scale = 2}}", "no rule")])
def test_a_map_that_does_not_fit_says_where(text, why, tmp_path):
    with pytest.raises(FileRefused, match=why):
        mapfile.read(text, "my.map.toml", make_table(tmp_path, "Ticket,Created\n1,2026-01-01\n", "export.csv"))


def test_a_kept_map_says_what_the_draft_said(tmp_path):
    proposed = make_proposed(tmp_path, "account_id,2026-01,2026-02,2026-03\nA1,1,2,3\n", months="usage")
    draft, answers = mapfile.remembered(mapfile.kept(proposed))
    assert draft.mappings == proposed.draft.mappings and answers["months"] == "usage"


def test_every_alias_names_a_column_of_its_kind():
    for name, known in NAMES.kinds.items():
        own = {column.name for column in KINDS[name].columns}
        assert set(known.columns) - {"account_id"} <= own
        assert {column for group in known.needs for column in group} <= own
        assert all(alias == aliases.plain(alias) for names in known.columns.values() for alias in names), name


def test_every_table_of_a_tool_places_columns_of_its_kind():
    for table in NAMES.tables:
        assert all(sign == aliases.plain(sign) for sign in table.signs), table.title
        for part in table.facts:
            assert set(part["columns"]) <= {column.name for column in KINDS[part["kind"]].columns}, table.title


@pytest.mark.parametrize(("name", "plain"), [
    ("Account_ID", "account id"), ("accountId", "account id"), ("customerID", "customer id"), ("property_hs_ticket_priority", "hs ticket priority"),
    ("region_c", "region"), ("Urgency [list]", "urgency"), ("Start Date (UTC)", "start date"), ("Größe", "große"), ("ID", "id")])
def test_names_are_compared_in_one_form(name, plain):
    assert aliases.plain(name) == aliases.plain(plain)




def test_the_column_that_lacks_is_asked_for(tmp_path):
    text = "renewal_id,renewal date,value due,who\nR1,2026-01-31,1200,A1\nR2,2026-02-28,900,A2\n"
    (question,) = make_proposed(tmp_path, text).questions
    assert question.id == "place:renewal.account_id" and ("who", "who") in question.options
    answered = make_proposed(tmp_path, text, **{"place__renewal.account_id": "who"})
    assert answered.sure and columns(answered)["account_id"] == "who"


def test_a_kind_that_somebody_names_asks_for_what_it_lacks(tmp_path):
    text = "nr,wann,betreff\n1,2026-01-31 10:00,Hilfe\n2,2026-02-01 11:00,Frage\n"
    asked = make_proposed(tmp_path, text, kind="ticket").questions
    assert {one.id for one in asked} == {"place:ticket.ticket_id", "place:ticket.opened_at", "place:ticket.status"}
    answered = make_proposed(tmp_path, text, kind="ticket", **{"place__ticket.ticket_id": "nr", "place__ticket.opened_at": "wann",
                                                                "place__ticket.status": "betreff"})
    assert answered.sure and columns(answered) == {"ticket_id": "nr", "opened_at": "wann", "status": "betreff"}
