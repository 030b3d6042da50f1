"""What Larkfield's people did and do: fourteen open actions, and twenty-four that were finished in twelve months.

Nothing here says what came of them: that is read from the figures. `VERDICTS` is what the figures have to say, for tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Doing:
    """One action. `made` is the day it was written, `started` the day the work changed; "" where there is none."""

    title: str
    kind: str
    owner: str
    made: str
    due: str
    measure: str
    origin: str
    segment: str = ""
    state: str = "done"
    started: str = ""
    ended: str = ""
    effect: float | None = None
    effect_by: str = ""
    first_reading: str = ""


E, M, S = "Enterprise", "Mid-market", "Small business"
RENEWAL, EXPANSION, ADOPTION = "renewal_rate", "mrr_expansion", "adoption_30d"
CONTACTS, DAYS, TICKETS = "contact_schedule_kept", "time_to_first_value", "tickets_over_14_days"
TRUST, PLANS = "trust_score", "development_plans_kept"
RANA, AMARA, PETRA, KENJI, LUC, JO = "rana-amari", "amara-osei", "petra-berg", "kenji-sato", "luc-renard", "jo-lind"
MARTA, HANA, SAM, ELIAS, INES, TOLU = "marta-ruiz", "hana-patel", "sam-whitlock", "elias-haddad", "ines-vidal", "tolu-adeyemi"
WAITING, BEGUN, DROPPED = "not_started", "in_progress", "dropped"

OPEN = (
    Doing("Agree the dates of the surge plan with Support", "process", RANA, "2026-10-26", "2026-11-17", TICKETS,
          "Trigger: tickets stay high", state=WAITING, effect=-8, effect_by="2027-01-31", first_reading="2027-01"),
    Doing("Answer the six themes at the feedback session", "process", RANA, "2026-10-29", "2026-11-19", TRUST,
          "Missed in October", state=WAITING, effect=0.2, effect_by="2027-02-28", first_reading="2027-02"),
    Doing("Capacity plan, two CSMs by June", "process", RANA, "2026-10-08", "2026-11-30", CONTACTS,
          "Review of September", state=BEGUN, effect=0.04, effect_by="2027-06-30", first_reading="2027-03"),
    Doing("Get the plan for the working-time law written", "process", RANA, "2026-11-03", "2026-12-04", RENEWAL,
          "Trigger without a plan", state=WAITING),
    Doing("Agree price-rise wording with Sales", "process", RANA, "2026-10-08", "2026-12-08", RENEWAL,
          "Review of September", state=BEGUN, effect=0.005, effect_by="2027-04-30", first_reading="2027-04"),
    Doing("Look at assumptions and blind spots", "process", RANA, "2026-09-02", "2026-12-15", PLANS,
          "Missed in August", state=WAITING),
    Doing("Two joint readings of hand-offs with Sales", "process", RANA, "2026-10-20", "2026-12-18", EXPANSION,
          "Maturity, W6", state=WAITING, effect=0, first_reading="2027-03"),
    Doing("Renewal desk pilot", "process", AMARA, "2026-08-13", "2026-12-12", RENEWAL,
          "Review of July", state=BEGUN, started="2026-09-01", effect=0.015, effect_by="2027-03-31", first_reading="2027-02"),
    Doing("Price talk 90 days out", "process", PETRA, "2026-10-08", "2026-12-05", RENEWAL,
          "Review of September", state=BEGUN, effect=0.01, effect_by="2027-04-30", first_reading="2027-04"),
    Doing("Expansion play written down", "tool", LUC, "2026-09-10", "2026-11-30", EXPANSION,
          "Review of August", state=BEGUN, started="2026-10-05", effect=0, first_reading="2026-12"),
    Doing("In-app tour for admins", "tool", KENJI, "2026-07-09", "2026-11-27", ADOPTION,
          "Review of June", state=BEGUN, started="2026-08-04", effect=0.02, effect_by="2026-12-31", first_reading="2026-10"),
    Doing("Fix and close the rota-publishing faults", "cause", JO, "2026-10-27", "2026-11-28", TICKETS,
          "Release 9.2", state=WAITING, effect=-22, effect_by="2026-11-30", first_reading="2026-12"),
    Doing("Monthly plan talks", "process", LUC, "2026-09-10", "2026-11-30", PLANS,
          "Review of August", state=BEGUN, started="2026-10-05", effect=0.05, effect_by="2026-12-31", first_reading="2026-12"),
    Doing("Two hours a month for plan work", "process", LUC, "2026-10-08", "2026-12-01", PLANS,
          "Review of September", state=WAITING, effect=0.08, effect_by="2027-06-30", first_reading="2027-03"),
)  # fmt: skip

FINISHED = (
    Doing("Guided onboarding", "process", MARTA, "2026-01-08", "2026-03-20", ADOPTION, "Review of December",
          started="2026-02-02", ended="2026-03-20", effect=0.06, effect_by="2026-06-30", first_reading="2026-04"),
    Doing("Expansion plays tried with ten accounts", "process", LUC, "2026-04-09", "2026-07-31", EXPANSION, "Review of March",
          started="2026-05-11", ended="2026-07-31", effect=3000, effect_by="2026-12-31", first_reading="2026-08"),
    Doing("Named guide for enterprise starts", "process", MARTA, "2026-01-08", "2026-04-10", DAYS, "Review of December", E,
          started="2026-02-04", ended="2026-04-10", effect=-5, effect_by="2026-09-30", first_reading="2026-06"),
    Doing("Welcome e-mails cut from six to three", "process", PETRA, "2025-10-09", "2026-02-27", ADOPTION, "Review of September",
          state=DROPPED, started="2025-11-03", ended="2026-01-09", effect=0.01, first_reading="2026-01"),
    Doing("Renewal talk with two people", "process", INES, "2026-03-12", "2026-05-29", RENEWAL, "Review of February", E,
          started="2026-04-07", ended="2026-05-29", effect=0.01, first_reading="2026-07"),
    Doing("Support and success meet each Monday", "process", JO, "2026-03-12", "2026-05-29", TICKETS, "Review of February", S,
          started="2026-04-06", ended="2026-05-29", effect=-4, first_reading="2026-07"),
    Doing("Self-service renewals for small accounts", "process", SAM, "2026-02-12", "2026-04-30", RENEWAL, "Review of January", S,
          started="2026-03-02", ended="2026-04-30", effect=0.01, first_reading="2026-06"),
    Doing("Kick-off with the rota lead present", "process", TOLU, "2026-08-13", "2026-09-30", ADOPTION, "Review of July", M,
          started="2026-09-02", ended="2026-09-30", effect=0.02, first_reading="2026-12"),
    Doing("Kick-off checklist", "tool", KENJI, "2025-12-11", "2026-02-13", DAYS, "Review of November",
          started="2026-01-05", ended="2026-02-13", effect=-4, effect_by="2026-06-30", first_reading="2026-04"),
    Doing("Lead form for mid-market accounts", "tool", LUC, "2026-03-12", "2026-05-15", EXPANSION, "Review of February", M,
          started="2026-04-07", ended="2026-05-15", effect=1000, first_reading="2026-07"),
    Doing("Plan template with two dates", "tool", LUC, "2026-01-08", "2026-03-13", PLANS, "Review of December",
          started="2026-02-03", ended="2026-03-13", effect=0.05, first_reading="2026-05"),
    Doing("Import check for rota files", "tool", HANA, "2026-02-12", "2026-04-17", DAYS, "Review of January", M,
          started="2026-03-03", ended="2026-04-17", effect=-3, first_reading="2026-06"),
    Doing("Renewal reminder in the CRM", "tool", SAM, "2026-08-13", "2026-09-30", RENEWAL, "Review of July", M,
          started="2026-09-03", ended="2026-09-30", effect=0.005, first_reading="2026-12"),
    Doing("Wrong discount codes in small quotes", "cause", PETRA, "2026-03-12", "2026-05-08", EXPANSION, "Review of February", S,
          started="2026-04-06", ended="2026-05-08", effect=500, first_reading="2026-07"),
    Doing("Late invoices corrected", "cause", SAM, "2026-04-09", "2026-06-12", RENEWAL, "Review of March", M,
          started="2026-05-05", ended="2026-06-12", effect=0.005, first_reading="2026-08"),
    Doing("Access rights of new admins", "cause", ELIAS, "2026-02-12", "2026-03-27", DAYS, "Review of January", S,
          started="2026-03-03", ended="2026-03-27", effect=-2, first_reading="2026-06"),
    Doing("Duplicate tickets merged", "cause", JO, "2026-08-13", "2026-09-18", TICKETS, "Review of July", E,
          started="2026-09-02", ended="2026-09-18", effect=-1, first_reading="2026-12"),
    Doing("Weekly ticket triage", "effort", JO, "2026-07-09", "2026-09-30", TICKETS, "Review of June",
          started="2026-08-03", ended="2026-09-30", effect=-6, first_reading="2026-10"),
    Doing("Reminder to book plan talks", "effort", LUC, "2026-05-14", "2026-07-10", PLANS, "Review of April",
          started="2026-06-02", ended="2026-07-10", effect=0.05, first_reading="2026-09"),
    Doing("Call every account before renewal", "effort", AMARA, "2026-04-09", "2026-06-26", RENEWAL, "Review of March",
          started="2026-05-04", ended="2026-06-26", effect=0.01, first_reading="2026-08"),
    Doing("Look at open tickets on Fridays", "effort", JO, "2026-06-11", "2026-08-14", TICKETS, "Review of May", S,
          started="2026-07-06", ended="2026-08-14", effect=-3, first_reading="2026-10"),
    Doing("Training on the new rota law", "training", HANA, "2026-05-14", "2026-06-19", DAYS, "Review of April", M,
          started="2026-06-03", ended="2026-06-19", effect=-2, first_reading="2026-09"),
    Doing("Renewal talks practised in pairs", "training", INES, "2026-06-11", "2026-07-24", RENEWAL, "Review of May", E,
          started="2026-07-07", ended="2026-07-24", effect=0.01, first_reading="2026-10"),
    Doing("Coaching on development plans", "training", MARTA, "2026-04-09", "2026-06-05", PLANS, "Review of March", E,
          started="2026-05-05", ended="2026-06-05", effect=0.05, first_reading="2026-08"),
)  # fmt: skip

VERDICTS = {
    "worked": ("Guided onboarding", "Expansion plays tried with ten accounts", "Named guide for enterprise starts",
               "Kick-off checklist", "Lead form for mid-market accounts", "Wrong discount codes in small quotes"),
    "worse": ("Self-service renewals for small accounts", "Weekly ticket triage"),
    "too_few": ("Kick-off with the rota lead present", "Renewal reminder in the CRM", "Duplicate tickets merged"),
}  # fmt: skip
DAYS_OF = ("made", "due", "started", "ended", "effect_by")


def text() -> str:
    """The actions as TOML; a field that says nothing is left out."""
    head = "# What Larkfield's people did and do. What came of it is read from the figures, and stands nowhere here.\n"
    return head + "".join(f"\n[[action]]\n{_lines(one)}" for one in (*OPEN, *FINISHED))


def _lines(one: Doing) -> str:
    kept = {name: value for name, value in vars(one).items() if value not in ("", None)}
    return "".join(f"{name} = {_written(name, value)}\n" for name, value in kept.items())


def _written(name: str, value: object) -> str:
    return date.fromisoformat(str(value)).isoformat() if name in DAYS_OF else json.dumps(value, ensure_ascii=False)
