"""What the command line can have done to the store: a name, the function, the role in which the host's operator asks.

A command is `function(store, actor, today, **arguments)` and returns what JSON can carry. It runs in the server when
one has the store open, else in the process of the command line. Whoever owns the files on the host may do everything;
the role makes the same table of role × action hold here as on the pages.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

from scorecard import access, auditing, organisation, places
from scorecard.access import Actor
from scorecard.errors import NotAllowed, UsageError
from scorecard.store import backup as backups
from scorecard.store import definitions, maturity, relay, restoring, verifying
from scorecard.store.engine import Store


@dataclass(frozen=True)
class Command:
    """Where the function is (`module:name`, imported when it is called), the role the operator asks in, and the action it needs.

    The function asks again, and for more where that depends on what is given. What declares nothing is for who manages members.
    """

    function: str
    role: str = "admin"
    asks: str = "manage_members"


COMMANDS: dict[str, Command] = {
    "action_add": Command("scorecard.cli.actions:add_action", "leader", "log_records"),
    "action_list": Command("scorecard.cli.actions:list_actions", "leader", "read_scorecard"),
    "action_state": Command("scorecard.cli.actions:set_action_state", "leader", "log_records"),
    "action_verdicts": Command("scorecard.cli.actions:tell_verdicts", "leader", "read_scorecard"),
    "assess_close": Command("scorecard.cli.assess:close_one", "leader", "decide"),
    "assess_cycles": Command("scorecard.cli.assess:list_cycles", "leader", "read_scorecard"),
    "assess_export": Command("scorecard.cli.assess:export_cycle", "leader", "read_scorecard"),
    "assess_import": Command("scorecard.cli.assess:import_file", "leader", "decide"),
    "assess_model": Command("scorecard.cli.assess:tell_model", "leader", "read_scorecard"),
    "assess_model_save": Command("scorecard.cli.assess:take_model", "leader", "decide"),
    "assess_open": Command("scorecard.cli.assess:open_one", "leader", "decide"),
    "assess_template": Command("scorecard.cli.assess:make_template", "leader", "assess"),
    "audit": Command("scorecard.commands:audit", asks="read_audit"),
    "audit_find": Command("scorecard.commands:audit_find", asks="read_audit"),
    "audit_rows": Command("scorecard.commands:audit_rows", asks="read_audit"),
    "backup": Command("scorecard.commands:backup"),
    "card_link": Command("scorecard.cli.cards:link_card", "leader", "edit_measures"),
    "card_list": Command("scorecard.cli.cards:list_cards", "leader", "read_scorecard"),
    "card_make": Command("scorecard.cli.cards:make_card", "leader", "edit_measures"),
    "card_order": Command("scorecard.cli.cards:order_card", "leader", "edit_measures"),
    "card_rename": Command("scorecard.cli.cards:rename_card", "leader", "edit_measures"),
    "channel_add": Command("scorecard.cli.digest:add_channel", "leader", "make_links"),
    "channel_change": Command("scorecard.cli.digest:change_channel", "leader", "make_links"),
    "channel_list": Command("scorecard.cli.digest:list_channels", "leader", "read_scorecard"),
    "channel_remove": Command("scorecard.cli.digest:remove_channel", "leader", "make_links"),
    "check": Command("scorecard.cli.organisation:compare", "leader", "read_scorecard"),
    "diary_add": Command("scorecard.cli.diary:add_entry", "leader", "log_records"),
    "diary_change": Command("scorecard.cli.diary:change_entry", "leader", "log_records"),
    "diary_list": Command("scorecard.cli.diary:list_entries", "leader", "read_scorecard"),
    "digest": Command("scorecard.cli.digest:now", "leader", "make_links"),
    "drill": Command("scorecard.commands:drill"),
    "export": Command("scorecard.cli.export:export_month", "leader", "read_scorecard"),
    "feedback_close": Command("scorecard.cli.feedback:close_one", "leader", "decide"),
    "feedback_list": Command("scorecard.cli.feedback:list_all", "leader", "own_data"),
    "feedback_open": Command("scorecard.cli.feedback:open_one", "leader", "decide"),
    "feedback_results": Command("scorecard.cli.feedback:tell_results", "leader", "own_data"),
    "health": Command("scorecard.cli.share:health_of", asks="read_scorecard"),
    "health_score": Command("scorecard.cli.share:health_score", "leader", "read_scorecard"),
    "job_list": Command("scorecard.cli.sources:list_jobs", "analyst", "log_records"),
    "job_show": Command("scorecard.cli.sources:show_job", "analyst", "log_records"),
    "job_stop": Command("scorecard.cli.sources:stop_job", "analyst", "load_files"),
    "load": Command("scorecard.cli.load:load_file", "analyst", "load_files"),
    "load_compute": Command("scorecard.cli.load_facts:compute", "analyst", "load_files"),
    "load_order": Command("scorecard.cli.load_facts:ranks", "analyst", "load_files"),
    "load_warehouse": Command("scorecard.cli.load_facts:load_warehouse", "analyst", "load_files"),
    "load_source": Command("scorecard.cli.sources:load_source", "analyst", "load_files"),
    "measure_compute": Command("scorecard.cli.organisation:compute", "analyst", "load_files"),
    "measure_figures": Command("scorecard.cli.organisation:figures_of", "leader", "read_scorecard"),
    "measure_list": Command("scorecard.cli.organisation:list_measures", "leader", "read_scorecard"),
    "measure_save": Command("scorecard.cli.organisation:save_measure", "leader", "edit_measures"),
    "measure_show": Command("scorecard.cli.organisation:show_measure", "leader", "read_scorecard"),
    "measure_slot": Command("scorecard.cli.organisation:change_slot", "leader", "edit_measures"),
    "member_add": Command("scorecard.cli.organisation:add_member"),
    "member_change": Command("scorecard.cli.organisation:change_member"),
    "member_edit": Command("scorecard.cli.signin:edit_member"),
    "member_forget": Command("scorecard.cli.signin:forget_account"),
    "member_link": Command("scorecard.cli.signin:make_link", asks="issue_sign_in"),
    "member_links": Command("scorecard.cli.signin:list_links", asks="issue_sign_in"),
    "member_list": Command("scorecard.cli.organisation:list_members", asks="read_scorecard"),
    "member_revoke": Command("scorecard.cli.signin:end_sessions", asks="issue_sign_in"),
    "member_sessions": Command("scorecard.cli.signin:list_sessions", asks="issue_sign_in"),
    "member_unlink": Command("scorecard.cli.signin:end_links", asks="issue_sign_in"),
    "project_edit": Command("scorecard.cli.project:edit_project", "leader", "log_records"),
    "project_end": Command("scorecard.cli.project:end_project", "leader", "log_records"),
    "project_list": Command("scorecard.cli.project:list_projects", "leader", "read_scorecard"),
    "project_move": Command("scorecard.cli.project:move_project", "leader", "log_records"),
    "project_show": Command("scorecard.cli.project:show_project", "leader", "read_scorecard"),
    "project_start": Command("scorecard.cli.project:start_project", "leader", "log_records"),
    "record_add": Command("scorecard.cli.records:add_record", "leader", "own_data"),
    "record_change": Command("scorecard.cli.records:change_record", "leader", "own_data"),
    "record_export": Command("scorecard.cli.records:export_records", "leader", "read_scorecard"),
    "record_forget": Command("scorecard.cli.records:forget_records"),
    "record_history": Command("scorecard.cli.records:show_history", "leader", "read_scorecard"),
    "record_import": Command("scorecard.cli.records:import_records", "leader", "own_data"),
    "record_list": Command("scorecard.cli.records:list_records", "leader", "read_scorecard"),
    "record_registers": Command("scorecard.cli.records:list_registers", "leader", "read_scorecard"),
    "record_withdraw": Command("scorecard.cli.records:withdraw_record", "leader", "own_data"),
    "review_decide": Command("scorecard.cli.review:decide_item", "leader", "decide"),
    "review_note": Command("scorecard.cli.review:note_review", "leader", "decide"),
    "review_show": Command("scorecard.cli.review:show_review", "leader", "read_scorecard"),
    "review_sign": Command("scorecard.cli.review:sign_review", "leader", "decide"),
    "sample_load": Command("scorecard.cli.sample:load_sample", "analyst", "load_files"),
    "sample_remove": Command("scorecard.cli.sample:remove_sample", "analyst", "load_files"),
    "share_end": Command("scorecard.cli.share:end_link", "leader", "make_links"),
    "share_list": Command("scorecard.cli.share:list_links", "leader", "read_scorecard"),
    "share_make": Command("scorecard.cli.share:make_link", "leader", "make_links"),
    "share_revoke": Command("scorecard.cli.share:revoke_link", "leader", "make_links"),
    "source_add": Command("scorecard.cli.sources:add_source", "analyst", "load_files"),
    "source_change": Command("scorecard.cli.sources:change_source", "analyst", "load_files"),
    "source_list": Command("scorecard.cli.sources:list_sources", "analyst", "log_records"),
    "source_remove": Command("scorecard.cli.sources:remove_source", "analyst", "load_files"),
    "take_file": Command("scorecard.cli.organisation:take_file", "leader", "edit_measures"),
    "take_store": Command("scorecard.cli.organisation:take_store", "leader", "read_scorecard"),
}


def call(name: str, /, *, person: str = "", **arguments: Any) -> Any:
    """What the command returns, as JSON values: done by the running server, else here.

    `person` asks as that member; without it the operator of this host asks.
    """
    request = {"command": name, "arguments": arguments, "person": person, "operator": operator()}
    return relay.call(places.state_place(), places.facts_place(), request, run, prepare)


def operator() -> str:
    """The name of the account on this host, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def prepare(store: Store) -> None:
    """The first members, definitions and maturity model, for a store that has none."""
    organisation.first_start(store)
    definitions.record_file(store, places.measures_file(), "first start")
    with store.read() as tx:
        known = maturity.models(tx)
    if not known:
        # Imported here, since it loads numpy: 0.1 s that no other command should wait for.
        import_module("scorecard.maturity").record_file(store, places.maturity_file(), "first start")


def run(store: Store, request: dict[str, Any]) -> Any:
    """What the named function returns."""
    command = COMMANDS.get(str(request.get("command")))
    if command is None:
        raise UsageError(
            f"There is no command {request.get('command')!r}. The server may be an older version: start it again."
        )
    actor = _actor(store, command, request)
    access.require(actor, command.asks)
    if actor.person:
        _lent(store, actor, request)
    module, _, name = command.function.partition(":")
    function = getattr(import_module(module), name)
    return function(store, actor, _today(store), **request.get("arguments", {}))


def _actor(store: Store, command: Command, request: dict[str, Any]) -> Actor:
    person = str(request.get("person") or "")
    if not person:
        return Actor("", _by(request), command.role)
    found = organisation.who(store, person)
    if found is None:
        raise NotAllowed(f"{person!r} is not an active member. List them with: python -m scorecard member list")
    return found


def _lent(store: Store, actor: Actor, request: dict[str, Any]) -> None:
    """Nothing; what follows stands under the member's name, and a row of the audit says whose hands it was."""
    store.write(lambda tx: tx.audit("act as", f"member:{actor.person}", None, {"command": request["command"]}), _by(request), quiet=True)


def _by(request: dict[str, Any]) -> str:
    return f"{request.get('operator') or 'operator'} (command line)"


def _today(store: Store) -> date:
    return datetime.now(UTC).date()


def handle(store: Store, token: str, given: str, request: Any) -> tuple[int, dict[str, Any]]:
    """(HTTP status, JSON) for a command posted to the running server's route; the route itself is in web.py."""
    return relay.handle(store, token, given, request, run)


def announce(url: str) -> str:
    """The token of this server: commands on this host now reach the store through `url`."""
    return relay.announce(places.state_place(), places.facts_place(), url)


def withdraw(token: str) -> None:
    """Commands open the files themselves again."""
    relay.withdraw(places.state_place(), places.facts_place(), token)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def backup(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """A verified backup of both stores: its folder, when it was made, how many rows, the audit head."""
    access.require(actor, "manage_members")
    made = verifying.backed_up(store, _now())
    store.write(lambda tx: tx.audit("backup", f"backup:{made.path.name}", None, {"rows": made.total}), actor.name)
    return _described(made)


def drill(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """A backup made, restored beside the store, opened, verified and compared."""
    access.require(actor, "manage_members")
    tried = restoring.drill(store, _now())
    done = f"backup:{tried.backup.path.name}"
    store.write(lambda tx: tx.audit("drill", done, None, {"rows": tried.rows}), actor.name)
    return {**_described(tried.backup), "tables_compared": tried.tables, "audit_rows_verified": tried.audit_rows}


def _described(made: backups.Backup) -> dict[str, Any]:
    return {"path": str(made.path), "made_at": made.made_at, "rows": made.total, "tables": made.rows,
            "head": {"seq": made.head.seq, "hash": made.head.hash}, "problems": list(made.problems)}


def audit(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Whether every row of the audit follows from the one before, and the head kept outside is among them."""
    return auditing.described(auditing.verify(store, actor, _now()))


def audit_rows(store: Store, actor: Actor, today: date, after: int = 0, upto: int | None = None) -> dict[str, Any]:
    """A page of the audit as it stands: rows after a number, up to another, and the head of the chain."""
    return auditing.rows(store, actor, after, upto)


def audit_find(store: Store, actor: Actor, today: date, mark: str) -> dict[str, Any]:
    """The row whose hash begins so, such as the head that stands on a signed pack."""
    return auditing.found(store, actor, mark)
