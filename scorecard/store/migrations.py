"""The tables, as an ordered list of named migrations. One SQL text runs on DuckDB and on PostgreSQL.

A released migration is never edited (a test holds their hashes); a change is a new one at the end.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from scorecard.errors import StoreNewer

Step = tuple[str, tuple[str, ...]]


class Writer(Protocol):
    def all(self, sql: str, params: tuple | list = ()) -> list[tuple]: ...

    def run(self, sql: str, params: tuple | list = ()) -> None: ...


def prepare(tx: Writer) -> None:
    """The table that says which migrations the store has had."""
    tx.run("CREATE TABLE IF NOT EXISTS migration (name VARCHAR PRIMARY KEY, applied_at TIMESTAMP NOT NULL)")


def applied(tx: Writer) -> list[str]:
    """The names of the migrations that the store has had, in order."""
    return [name for (name,) in tx.all("SELECT name FROM migration ORDER BY name")]


def pending(done: Iterable[str], steps: tuple[Step, ...], place: str) -> list[Step]:
    """The migrations still to come. Raises StoreNewer when the store has had one that this program does not know."""
    unknown = sorted(set(done) - {name for name, _ in steps})
    if unknown:
        raise StoreNewer(
            f"{place} was written by a newer version of the program (it has had {', '.join(unknown)}). "
            "Nothing was changed. Install that version, or name another place."
        )
    return [(name, statements) for name, statements in steps if name not in set(done)]


def apply(tx: Writer, step: Step, now: datetime) -> None:
    """One migration, in the transaction of `tx`."""
    name, statements = step
    for statement in statements:
        tx.run(statement)
    tx.run("INSERT INTO migration VALUES ($1, $2)", (name, now))


def fingerprint(step: Step) -> str:
    """The hash that the tests hold: a released migration is never edited."""
    return hashlib.sha256("\n".join((step[0], *step[1])).encode()).hexdigest()


STATE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001_house",
        (
            """CREATE TABLE organisation (
                id INTEGER PRIMARY KEY CHECK (id = 1), name VARCHAR NOT NULL, time_zone VARCHAR NOT NULL,
                currency VARCHAR NOT NULL, fiscal_start INTEGER NOT NULL CHECK (fiscal_start BETWEEN 1 AND 12),
                week_start VARCHAR NOT NULL, rule_set VARCHAR NOT NULL, sample BOOLEAN NOT NULL,
                version INTEGER NOT NULL, changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE team (
                id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, version INTEGER NOT NULL)""",
            """CREATE TABLE person (
                id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, sort_name VARCHAR NOT NULL, email VARCHAR NOT NULL,
                team VARCHAR NOT NULL, leader VARCHAR NOT NULL, version INTEGER NOT NULL)""",
            """CREATE TABLE member (
                person VARCHAR PRIMARY KEY, role VARCHAR NOT NULL, active BOOLEAN NOT NULL,
                last_seen TIMESTAMP, version INTEGER NOT NULL)""",
            """CREATE TABLE audit (
                seq BIGINT PRIMARY KEY, occurred_at TIMESTAMP NOT NULL, actor VARCHAR NOT NULL, action VARCHAR NOT NULL,
                object VARCHAR NOT NULL, before_json VARCHAR, after_json VARCHAR,
                previous_hash VARCHAR NOT NULL, hash VARCHAR NOT NULL)""",
            "CREATE TABLE nonce (id VARCHAR PRIMARY KEY, used_at TIMESTAMP NOT NULL)",
        ),
    ),
    (
        "0002_measures",
        (
            """CREATE TABLE definition (
                measure VARCHAR NOT NULL, version INTEGER NOT NULL, body VARCHAR NOT NULL, source VARCHAR NOT NULL,
                author VARCHAR NOT NULL, reason VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (measure, version))""",
            """CREATE TABLE scorecard (
                id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, audience VARCHAR NOT NULL,
                rule_set VARCHAR, version INTEGER NOT NULL)""",
            """CREATE TABLE slot (
                scorecard VARCHAR NOT NULL, slot INTEGER NOT NULL CHECK (slot BETWEEN 1 AND 10),
                measure VARCHAR NOT NULL, PRIMARY KEY (scorecard, slot), UNIQUE (scorecard, measure))""",
            """CREATE TABLE load (
                id VARCHAR PRIMARY KEY, file_name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, understood VARCHAR NOT NULL,
                rows_new INTEGER NOT NULL, rows_changed INTEGER NOT NULL, rows_known INTEGER NOT NULL,
                rows_refused INTEGER NOT NULL, covers_from DATE, covers_to DATE, author VARCHAR NOT NULL,
                time_zone VARCHAR NOT NULL, fiscal_start INTEGER NOT NULL, loaded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE figure (
                measure VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL, segment VARCHAR NOT NULL,
                team VARCHAR NOT NULL, csm VARCHAR NOT NULL, load VARCHAR NOT NULL, value DOUBLE PRECISION,
                numerator DOUBLE PRECISION, denominator DOUBLE PRECISION, loaded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (measure, starts, segment, team, csm, load))""",
            """CREATE TABLE goal (
                measure VARCHAR NOT NULL, starts DATE NOT NULL, version INTEGER NOT NULL, value DOUBLE PRECISION,
                red DOUBLE PRECISION, yellow DOUBLE PRECISION, source VARCHAR NOT NULL, reason VARCHAR NOT NULL,
                author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (measure, starts, version))""",
            """CREATE TABLE phase (
                measure VARCHAR NOT NULL, segment VARCHAR NOT NULL, starts DATE NOT NULL, title VARCHAR NOT NULL,
                answers VARCHAR NOT NULL, author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (measure, segment, starts))""",
            """CREATE TABLE limits (
                measure VARCHAR NOT NULL, segment VARCHAR NOT NULL, version INTEGER NOT NULL, starts DATE NOT NULL,
                ends DATE, baseline_from DATE NOT NULL, baseline_to DATE NOT NULL, n INTEGER NOT NULL,
                excluded VARCHAR NOT NULL, centre DOUBLE PRECISION NOT NULL, lower_limit DOUBLE PRECISION,
                upper_limit DOUBLE PRECISION, range_centre DOUBLE PRECISION, range_upper DOUBLE PRECISION,
                sigma_z DOUBLE PRECISION, factor DOUBLE PRECISION NOT NULL, method VARCHAR NOT NULL,
                author VARCHAR NOT NULL, reason VARCHAR NOT NULL, baseline_hash VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (measure, segment, version))""",
            """CREATE TABLE exclusion (
                measure VARCHAR NOT NULL, segment VARCHAR NOT NULL, starts DATE NOT NULL, version INTEGER NOT NULL,
                excluded BOOLEAN NOT NULL, cause VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (measure, segment, starts, version))""",
            """CREATE TABLE note (
                id VARCHAR PRIMARY KEY, measure VARCHAR NOT NULL, starts DATE NOT NULL, happened DATE NOT NULL,
                text VARCHAR NOT NULL, author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                withdrawn_at TIMESTAMP)""",
            """CREATE TABLE reading (
                measure VARCHAR NOT NULL, segment VARCHAR NOT NULL, starts DATE NOT NULL, body VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (measure, segment, starts))""",
            """CREATE TABLE share (
                id VARCHAR PRIMARY KEY, token_hash VARCHAR NOT NULL UNIQUE, scorecard VARCHAR NOT NULL, starts DATE NOT NULL,
                grain VARCHAR NOT NULL, segment VARCHAR NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL,
                ends_on DATE NOT NULL, revoked_at TIMESTAMP, openings INTEGER NOT NULL, last_opened TIMESTAMP)""",
        ),
    ),
    (
        "0003_jobs",
        (
            """CREATE TABLE source (
                id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, way VARCHAR NOT NULL, place VARCHAR NOT NULL,
                pattern VARCHAR NOT NULL, cadence VARCHAR NOT NULL, expected_day INTEGER NOT NULL, owner VARCHAR NOT NULL,
                leave_out BOOLEAN NOT NULL, choices VARCHAR NOT NULL, last_load VARCHAR NOT NULL, tried_at TIMESTAMP,
                paused BOOLEAN NOT NULL, version INTEGER NOT NULL, changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE arrival (
                source VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, file_name VARCHAR NOT NULL, place VARCHAR NOT NULL,
                size BIGINT NOT NULL, outcome VARCHAR NOT NULL, message VARCHAR NOT NULL, said VARCHAR NOT NULL,
                load VARCHAR NOT NULL, version INTEGER NOT NULL, arrived_at TIMESTAMP NOT NULL,
                PRIMARY KEY (source, sha256))""",
            """CREATE TABLE job (
                id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, arguments VARCHAR NOT NULL,
                state VARCHAR NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
                progress DOUBLE PRECISION NOT NULL, message VARCHAR NOT NULL, result VARCHAR NOT NULL,
                asked_by VARCHAR NOT NULL, person VARCHAR NOT NULL, role VARCHAR NOT NULL, asked_at TIMESTAMP NOT NULL,
                started_at TIMESTAMP, ended_at TIMESTAMP, claimed_by VARCHAR NOT NULL, heartbeat TIMESTAMP,
                attempts INTEGER NOT NULL, stop_asked_by VARCHAR NOT NULL, version INTEGER NOT NULL)""",
        ),
    ),
    (
        "0004_maps",
        (
            """CREATE TABLE column_map (
                header VARCHAR NOT NULL, version INTEGER NOT NULL, file_name VARCHAR NOT NULL, body VARCHAR NOT NULL,
                author VARCHAR NOT NULL, saved_at TIMESTAMP NOT NULL, PRIMARY KEY (header, version))""",
        ),
    ),
    (
        "0005_figures_in_part",
        ("ALTER TABLE figure ADD COLUMN partial BOOLEAN DEFAULT FALSE",),
    ),
    (
        "0006_actions",
        (
            """CREATE TABLE action (
                id VARCHAR PRIMARY KEY, title VARCHAR NOT NULL, kind VARCHAR NOT NULL, owner VARCHAR NOT NULL,
                due DATE NOT NULL, measure VARCHAR NOT NULL, segment VARCHAR NOT NULL, effect DOUBLE PRECISION,
                effect_by DATE, first_reading DATE, state VARCHAR NOT NULL
                    CHECK (state IN ('not_started', 'in_progress', 'done', 'dropped')),
                started DATE, ended DATE, origin VARCHAR NOT NULL, origin_words VARCHAR NOT NULL,
                made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, changed_by VARCHAR NOT NULL,
                changed_at TIMESTAMP NOT NULL, version INTEGER NOT NULL)""",
            """CREATE TABLE comment (
                id VARCHAR PRIMARY KEY, object VARCHAR NOT NULL, text VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, withdrawn_at TIMESTAMP)""",
        ),
    ),
    (
        "0007_reviews",
        (
            """CREATE TABLE review (
                scorecard VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL, held_on DATE, begins VARCHAR NOT NULL,
                minutes INTEGER NOT NULL, chair VARCHAR NOT NULL, attendees VARCHAR NOT NULL, opened_by VARCHAR NOT NULL,
                opened_at TIMESTAMP NOT NULL, actions_read_by VARCHAR NOT NULL, version INTEGER NOT NULL,
                PRIMARY KEY (scorecard, grain, starts))""",
            """CREATE TABLE review_item (
                scorecard VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL, item VARCHAR NOT NULL,
                place INTEGER, minutes INTEGER, discussion VARCHAR NOT NULL, decision VARCHAR NOT NULL,
                settle VARCHAR NOT NULL, title VARCHAR NOT NULL, decided_by VARCHAR NOT NULL, decided_at TIMESTAMP,
                changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL, version INTEGER NOT NULL,
                PRIMARY KEY (scorecard, grain, starts, item))""",
            """CREATE TABLE commentary (
                scorecard VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL, version INTEGER NOT NULL,
                text VARCHAR NOT NULL, author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (scorecard, grain, starts, version))""",
            """CREATE TABLE signed_month (
                scorecard VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL, body VARCHAR NOT NULL,
                fingerprint VARCHAR NOT NULL, signed_by VARCHAR NOT NULL, person VARCHAR NOT NULL, role VARCHAR NOT NULL,
                signed_at TIMESTAMP NOT NULL, PRIMARY KEY (scorecard, grain, starts))""",
            """CREATE TABLE added_later (
                id VARCHAR PRIMARY KEY, scorecard VARCHAR NOT NULL, grain VARCHAR NOT NULL, starts DATE NOT NULL,
                kind VARCHAR NOT NULL CHECK (kind IN ('note', 'restated')), text VARCHAR NOT NULL,
                author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE commitment (
                measure VARCHAR NOT NULL, version INTEGER NOT NULL, body VARCHAR NOT NULL, author VARCHAR NOT NULL,
                reason VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (measure, version))""",
        ),
    ),
    (
        "0008_calendar_and_messages",
        (
            """CREATE TABLE calendar_entry (
                id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, title VARCHAR NOT NULL, object VARCHAR NOT NULL,
                planned DATE NOT NULL, begins VARCHAR NOT NULL, owner VARCHAR NOT NULL, state VARCHAR NOT NULL
                    CHECK (state IN ('planned', 'held', 'missed', 'moved')),
                held_on DATE, moved_from DATE, note VARCHAR NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL,
                changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL, version INTEGER NOT NULL)""",
            """CREATE TABLE message (
                id VARCHAR PRIMARY KEY, about VARCHAR NOT NULL, kind VARCHAR NOT NULL, channel VARCHAR NOT NULL,
                recipient VARCHAR NOT NULL, subject VARCHAR NOT NULL, body VARCHAR NOT NULL, state VARCHAR NOT NULL
                    CHECK (state IN ('dry_run', 'waiting', 'sent', 'failed', 'recovered')),
                attempts INTEGER NOT NULL, said VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, next_at TIMESTAMP,
                sent_at TIMESTAMP, version INTEGER NOT NULL)""",
            """CREATE TABLE channel (
                id VARCHAR PRIMARY KEY, way VARCHAR NOT NULL CHECK (way IN ('email', 'webhook')), recipient VARCHAR NOT NULL,
                about VARCHAR NOT NULL, live BOOLEAN NOT NULL, repeat_after INTEGER NOT NULL, version INTEGER NOT NULL,
                changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""",
            "ALTER TABLE share ADD COLUMN live BOOLEAN DEFAULT FALSE",
        ),
    ),
    (
        "0009_rhythm",
        (
            "ALTER TABLE organisation ADD COLUMN figures_due INTEGER DEFAULT 0",
            "ALTER TABLE organisation ADD COLUMN review_day VARCHAR DEFAULT ''",
        ),
    ),
    (
        "0010_links_for_walls",
        (
            "ALTER TABLE share ADD COLUMN wall BOOLEAN DEFAULT FALSE",
            "ALTER TABLE share ADD COLUMN label VARCHAR DEFAULT ''",
        ),
    ),
    (
        "0011_settled_findings",
        (
            """CREATE TABLE settled_finding (
                finding VARCHAR NOT NULL, version INTEGER NOT NULL, settled BOOLEAN NOT NULL, found BIGINT NOT NULL,
                note VARCHAR NOT NULL, author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (finding, version))""",
        ),
    ),
    (
        "0012_messages_and_their_concerns",
        (
            "ALTER TABLE message ADD COLUMN members VARCHAR DEFAULT ''",
            "ALTER TABLE message ADD COLUMN ended BOOLEAN DEFAULT FALSE",
        ),
    ),
    (
        "0013_linked_scorecards",
        (
            "ALTER TABLE scorecard ADD COLUMN parent VARCHAR",
            """CREATE TABLE roll_up (
                scorecard VARCHAR NOT NULL, measure VARCHAR NOT NULL, into_measure VARCHAR NOT NULL,
                PRIMARY KEY (scorecard, measure))""",
        ),
    ),
    (
        "0014_maturity",
        (
            """CREATE TABLE maturity_model (
                version INTEGER PRIMARY KEY, body VARCHAR NOT NULL, author VARCHAR NOT NULL, reason VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE maturity_cycle (
                id VARCHAR PRIMARY KEY, title VARCHAR NOT NULL, kind VARCHAR NOT NULL CHECK (kind IN ('full', 'quick')),
                mode VARCHAR NOT NULL CHECK (mode IN ('named', 'anonymous')), model INTEGER NOT NULL, systems VARCHAR NOT NULL,
                opens DATE NOT NULL, closes DATE NOT NULL, state VARCHAR NOT NULL CHECK (state IN ('open', 'closed')),
                opened_by VARCHAR NOT NULL, opened_at TIMESTAMP NOT NULL, closed_by VARCHAR NOT NULL, closed_at TIMESTAMP,
                version INTEGER NOT NULL)""",
            # No day of finishing: in an anonymous cycle it would join a person to an answer.
            """CREATE TABLE maturity_asked (
                cycle VARCHAR NOT NULL, person VARCHAR NOT NULL, part VARCHAR NOT NULL, finished BOOLEAN NOT NULL,
                reminded INTEGER NOT NULL, PRIMARY KEY (cycle, person))""",
            """CREATE TABLE maturity_draft (
                cycle VARCHAR NOT NULL, person VARCHAR NOT NULL, practice VARCHAR NOT NULL, chosen INTEGER,
                applicable BOOLEAN NOT NULL, met VARCHAR NOT NULL, reason VARCHAR NOT NULL, evidence VARCHAR NOT NULL,
                saved_at TIMESTAMP NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (cycle, person, practice))""",
            """CREATE TABLE maturity_answer (
                cycle VARCHAR NOT NULL, rater VARCHAR NOT NULL, practice VARCHAR NOT NULL, part VARCHAR NOT NULL, chosen INTEGER,
                level INTEGER, applicable BOOLEAN NOT NULL, reason VARCHAR NOT NULL, evidence VARCHAR NOT NULL,
                PRIMARY KEY (cycle, rater, practice))""",
            """CREATE TABLE maturity_agreed (
                cycle VARCHAR NOT NULL, practice VARCHAR NOT NULL, version INTEGER NOT NULL, level INTEGER, strengths VARCHAR NOT NULL,
                opportunities VARCHAR NOT NULL, minority VARCHAR NOT NULL, author VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL,
                PRIMARY KEY (cycle, practice, version))""",
            """CREATE TABLE project (
                id VARCHAR PRIMARY KEY, title VARCHAR NOT NULL, stage VARCHAR NOT NULL, owner VARCHAR NOT NULL, measure VARCHAR NOT NULL,
                effect DOUBLE PRECISION, effect_by DATE, practice VARCHAR NOT NULL, cycle VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL, version INTEGER NOT NULL)""",
        ),
    ),
    (
        "0016_projects_end",
        (
            "ALTER TABLE project ADD COLUMN phase VARCHAR DEFAULT ''",
            "ALTER TABLE project ADD COLUMN began DATE",
            "ALTER TABLE project ADD COLUMN ended DATE",
            "ALTER TABLE project ADD COLUMN outcome VARCHAR DEFAULT ''",
            "ALTER TABLE project ADD COLUMN reason VARCHAR DEFAULT ''",
        ),
    ),
    (
        "0017_registers",
        (
            """CREATE TABLE register_entry (
                register VARCHAR NOT NULL, id VARCHAR NOT NULL, version INTEGER NOT NULL, state VARCHAR NOT NULL,
                state_since TIMESTAMP NOT NULL, account VARCHAR NOT NULL, person VARCHAR NOT NULL, team VARCHAR NOT NULL,
                happened DATE NOT NULL, title VARCHAR NOT NULL, body VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, sorting VARCHAR NOT NULL,
                words VARCHAR NOT NULL, PRIMARY KEY (register, id))""",
            """CREATE TABLE register_version (
                register VARCHAR NOT NULL, id VARCHAR NOT NULL, version INTEGER NOT NULL, state VARCHAR NOT NULL,
                state_since TIMESTAMP NOT NULL, account VARCHAR NOT NULL, person VARCHAR NOT NULL, team VARCHAR NOT NULL,
                happened DATE NOT NULL, title VARCHAR NOT NULL, body VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, withdrawn BOOLEAN NOT NULL,
                reason VARCHAR NOT NULL, salt VARCHAR NOT NULL, PRIMARY KEY (register, id, version))""",
            """CREATE TABLE register_value (
                register VARCHAR NOT NULL, entry VARCHAR NOT NULL, version INTEGER NOT NULL, field VARCHAR NOT NULL,
                kind VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (register, entry, version, field, value))""",
        ),
    ),
    (
        "0018_invitations",
        (
            # The secret of a personal link is never stored: whoever reads the store cannot answer for somebody.
            """CREATE TABLE maturity_invitation (
                id VARCHAR PRIMARY KEY, cycle VARCHAR NOT NULL, person VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, revoked_at TIMESTAMP, token_hash VARCHAR NOT NULL UNIQUE)""",
        ),
    ),
    (
        "0019_sessions",
        (
            # `votes` grows with each vote, so that a vote and the showing of votes never pass each other.
            """CREATE TABLE maturity_session (
                id VARCHAR PRIMARY KEY, cycle VARCHAR NOT NULL, named BOOLEAN NOT NULL, practice VARCHAR NOT NULL, round INTEGER NOT NULL,
                step VARCHAR NOT NULL CHECK (step IN ('talk', 'vote', 'shown')), opened_by VARCHAR NOT NULL, opened_at TIMESTAMP NOT NULL,
                ended_at TIMESTAMP, changed_by VARCHAR NOT NULL, version INTEGER NOT NULL, votes INTEGER NOT NULL)""",
            """CREATE TABLE maturity_present (
                session VARCHAR NOT NULL, person VARCHAR NOT NULL, PRIMARY KEY (session, person))""",
            """CREATE TABLE maturity_vote (
                session VARCHAR NOT NULL, practice VARCHAR NOT NULL, round INTEGER NOT NULL, voter VARCHAR NOT NULL, level INTEGER,
                shown BOOLEAN NOT NULL, PRIMARY KEY (session, practice, round, voter))""",
        ),
    ),
    (
        "0020_health_rule",
        (
            """CREATE TABLE health_rule (
                version INTEGER PRIMARY KEY, body VARCHAR NOT NULL, author VARCHAR NOT NULL, reason VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL)""",
        ),
    ),
    (
        "0021_theme_rule",
        (
            """CREATE TABLE theme_rule (
                version INTEGER PRIMARY KEY, body VARCHAR NOT NULL, author VARCHAR NOT NULL, reason VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL)""",
        ),
    ),
    (
        "0022_studies",
        (
            """CREATE TABLE driver_model (
                id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, body VARCHAR NOT NULL, made_from VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, withdrawn_at TIMESTAMP)""",
            """CREATE TABLE experiment (
                id VARCHAR PRIMARY KEY, version INTEGER NOT NULL, state VARCHAR NOT NULL CHECK (state IN ('draft', 'frozen', 'concluded', 'stopped')),
                body VARCHAR NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE experiment_version (
                id VARCHAR NOT NULL, version INTEGER NOT NULL, state VARCHAR NOT NULL, body VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, reason VARCHAR NOT NULL, PRIMARY KEY (id, version))""",
            """CREATE TABLE experiment_unit (
                experiment VARCHAR NOT NULL, account VARCHAR NOT NULL, stratum VARCHAR NOT NULL, arm VARCHAR NOT NULL,
                drawn_at TIMESTAMP NOT NULL, PRIMARY KEY (experiment, account))""",
            """CREATE TABLE experiment_look (
                experiment VARCHAR NOT NULL, number INTEGER NOT NULL, looked_on DATE NOT NULL, body VARCHAR NOT NULL, author VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL, PRIMARY KEY (experiment, number))""",
        ),
    ),
    (
        "0023_lifecycle_map",
        (
            """CREATE TABLE lifecycle_map (
                version INTEGER PRIMARY KEY, body VARCHAR NOT NULL, author VARCHAR NOT NULL, reason VARCHAR NOT NULL,
                recorded_at TIMESTAMP NOT NULL)""",
        ),
    ),
    (
        "0024_feedback_rounds",
        (
            """CREATE TABLE feedback_round (
                id VARCHAR PRIMARY KEY, title VARCHAR NOT NULL, person VARCHAR NOT NULL, form VARCHAR NOT NULL,
                hand_to VARCHAR NOT NULL, opens DATE NOT NULL, closes DATE NOT NULL,
                state VARCHAR NOT NULL CHECK (state IN ('open', 'closed')), opened_by VARCHAR NOT NULL,
                opened_at TIMESTAMP NOT NULL, closed_by VARCHAR NOT NULL, closed_at TIMESTAMP, version INTEGER NOT NULL)""",
            """CREATE TABLE feedback_asked (
                round VARCHAR NOT NULL, person VARCHAR NOT NULL, name VARCHAR NOT NULL, part VARCHAR NOT NULL,
                finished BOOLEAN NOT NULL, PRIMARY KEY (round, person))""",
            """CREATE TABLE feedback_draft (
                round VARCHAR NOT NULL, person VARCHAR NOT NULL, item VARCHAR NOT NULL, level INTEGER, text VARCHAR NOT NULL,
                saved_at TIMESTAMP NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (round, person, item))""",
            """CREATE TABLE feedback_answer (
                round VARCHAR NOT NULL, rater VARCHAR NOT NULL, part VARCHAR NOT NULL, item VARCHAR NOT NULL,
                level INTEGER CHECK (level BETWEEN 1 AND 5), PRIMARY KEY (round, rater, item))""",
            """CREATE TABLE feedback_words (
                round VARCHAR NOT NULL, id VARCHAR NOT NULL, part VARCHAR NOT NULL, item VARCHAR NOT NULL, text VARCHAR NOT NULL,
                PRIMARY KEY (round, id))""",
            """CREATE TABLE feedback_link (
                id VARCHAR PRIMARY KEY, round VARCHAR NOT NULL, person VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, revoked_at TIMESTAMP, token_hash VARCHAR NOT NULL UNIQUE)""",
            """CREATE TABLE feedback_aim (
                round VARCHAR NOT NULL, item VARCHAR NOT NULL, step VARCHAR NOT NULL, agreed_by VARCHAR NOT NULL,
                agreed_at TIMESTAMP NOT NULL, PRIMARY KEY (round, item))""",
        ),
    ),
    ("0025_calendar_spans", ("ALTER TABLE calendar_entry ADD COLUMN ends DATE",)),
    (
        "0026_sign_in",
        (
            """CREATE TABLE signin_session (
                id VARCHAR PRIMARY KEY, person VARCHAR NOT NULL, mode VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL,
                seen_at TIMESTAMP NOT NULL, ends_at TIMESTAMP NOT NULL, ended_at TIMESTAMP, ended_by VARCHAR NOT NULL,
                agent VARCHAR NOT NULL)""",
            """CREATE TABLE signin_link (
                id VARCHAR PRIMARY KEY, person VARCHAR NOT NULL, token_hash VARCHAR NOT NULL UNIQUE, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, ends_at TIMESTAMP NOT NULL, used_at TIMESTAMP, revoked_at TIMESTAMP)""",
            """CREATE TABLE signin_account (
                person VARCHAR PRIMARY KEY, issuer VARCHAR NOT NULL, subject VARCHAR NOT NULL, by_group BOOLEAN NOT NULL,
                bound_at TIMESTAMP NOT NULL, UNIQUE (issuer, subject))""",
        ),
    ),
    (
        "0027_backups_and_drafts",
        (
            """CREATE TABLE backup_plan (
                id INTEGER PRIMARY KEY, active BOOLEAN NOT NULL, at_hour INTEGER NOT NULL CHECK (at_hour BETWEEN 0 AND 23),
                keep_daily INTEGER NOT NULL, keep_weekly INTEGER NOT NULL, keep_monthly INTEGER NOT NULL, version INTEGER NOT NULL,
                changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE form_draft (
                person VARCHAR NOT NULL, form VARCHAR NOT NULL, content VARCHAR NOT NULL, saved_at TIMESTAMP NOT NULL,
                PRIMARY KEY (person, form))""",
        ),
    ),
    (
        "0028_share_scope",
        (
            # What a link may show is a rule of the table: scorecards, and nothing else.
            """CREATE TABLE share_anew (
                id VARCHAR PRIMARY KEY, token_hash VARCHAR NOT NULL UNIQUE, shows VARCHAR NOT NULL CHECK (shows = 'scorecard'),
                scorecard VARCHAR NOT NULL, starts DATE NOT NULL, grain VARCHAR NOT NULL, segment VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
                made_at TIMESTAMP NOT NULL, ends_on DATE NOT NULL, revoked_at TIMESTAMP, openings INTEGER NOT NULL, last_opened TIMESTAMP,
                live BOOLEAN NOT NULL, wall BOOLEAN NOT NULL, label VARCHAR NOT NULL)""",
            """INSERT INTO share_anew
                SELECT id, token_hash, 'scorecard', scorecard, starts, grain, segment, made_by, made_at, ends_on, revoked_at, openings,
                    last_opened, COALESCE(live, FALSE), COALESCE(wall, FALSE), COALESCE(label, '') FROM share""",
            "DROP TABLE share",
            "ALTER TABLE share_anew RENAME TO share",
            """CREATE TABLE share_opening (
                share VARCHAR NOT NULL, opened_on DATE NOT NULL, openings INTEGER NOT NULL, PRIMARY KEY (share, opened_on))""",
        ),
    ),
)

FACTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001_source_rows",
        (
            """CREATE TABLE source_row (
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL, text VARCHAR NOT NULL,
                outcome VARCHAR NOT NULL, reason VARCHAR NOT NULL, PRIMARY KEY (load, row_number))""",
        ),
    ),
    (
        # No keys in the tables of facts: `store.facts.put` keeps a row to a key, and an index would cost each load dear.
        "0002_facts",
        (
            """CREATE TABLE fact_load (
                load VARCHAR NOT NULL, kind VARCHAR NOT NULL, file_name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL,
                rows_new BIGINT NOT NULL, rows_changed BIGINT NOT NULL, rows_known BIGINT NOT NULL,
                first_day DATE, last_day DATE, loaded_at TIMESTAMP NOT NULL, PRIMARY KEY (load, kind))""",
            """CREATE TABLE account (
                account_id VARCHAR NOT NULL, name VARCHAR, segment VARCHAR, csm VARCHAR, team VARCHAR,
                started_on DATE, ended_on DATE, churned BOOLEAN, referred_by VARCHAR, industry VARCHAR,
                country VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE account_past (
                account_id VARCHAR NOT NULL, name VARCHAR, segment VARCHAR, csm VARCHAR, team VARCHAR,
                started_on DATE, ended_on DATE, churned BOOLEAN, referred_by VARCHAR, industry VARCHAR,
                country VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL,
                superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE subscription (
                subscription_id VARCHAR NOT NULL, account_id VARCHAR, started_on DATE, ended_on DATE, mrr DOUBLE,
                plan VARCHAR, seats DOUBLE, trial BOOLEAN, churned BOOLEAN, auto_renew BOOLEAN, status VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE subscription_past (
                subscription_id VARCHAR NOT NULL, account_id VARCHAR, started_on DATE, ended_on DATE, mrr DOUBLE,
                plan VARCHAR, seats DOUBLE, trial BOOLEAN, churned BOOLEAN, auto_renew BOOLEAN, status VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL,
                superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE mrr_movement (
                movement_id VARCHAR NOT NULL, account_id VARCHAR, moved_on DATE, amount DOUBLE, kind VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE mrr_movement_past (
                movement_id VARCHAR NOT NULL, account_id VARCHAR, moved_on DATE, amount DOUBLE, kind VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL,
                superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE mrr_month (
                account_id VARCHAR NOT NULL, month DATE NOT NULL, mrr DOUBLE, load VARCHAR NOT NULL,
                row_number BIGINT NOT NULL)""",
            """CREATE TABLE mrr_month_past (
                account_id VARCHAR NOT NULL, month DATE NOT NULL, mrr DOUBLE, load VARCHAR NOT NULL,
                row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE renewal (
                renewal_id VARCHAR NOT NULL, account_id VARCHAR, due_on DATE, value_due DOUBLE, value_renewed DOUBLE,
                renewed_on DATE, status VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE renewal_past (
                renewal_id VARCHAR NOT NULL, account_id VARCHAR, due_on DATE, value_due DOUBLE, value_renewed DOUBLE,
                renewed_on DATE, status VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE usage (
                usage_id VARCHAR NOT NULL, account_id VARCHAR, subscription_id VARCHAR, used_on DATE, event VARCHAR,
                user_id VARCHAR, quantity DOUBLE, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE usage_past (
                usage_id VARCHAR NOT NULL, account_id VARCHAR, subscription_id VARCHAR, used_on DATE, event VARCHAR,
                user_id VARCHAR, quantity DOUBLE, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE ticket (
                ticket_id VARCHAR NOT NULL, account_id VARCHAR, opened_at TIMESTAMP, first_response_at TIMESTAMP,
                first_response_minutes DOUBLE, resolved_at TIMESTAMP, status VARCHAR, severity VARCHAR, area VARCHAR,
                satisfaction DOUBLE, comment VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE ticket_past (
                ticket_id VARCHAR NOT NULL, account_id VARCHAR, opened_at TIMESTAMP, first_response_at TIMESTAMP,
                first_response_minutes DOUBLE, resolved_at TIMESTAMP, status VARCHAR, severity VARCHAR, area VARCHAR,
                satisfaction DOUBLE, comment VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE contact (
                contact_id VARCHAR NOT NULL, account_id VARCHAR, due_on DATE, window_from DATE, window_to DATE,
                done_on DATE, cancelled_by_customer BOOLEAN, channel VARCHAR, csm VARCHAR, comment VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE contact_past (
                contact_id VARCHAR NOT NULL, account_id VARCHAR, due_on DATE, window_from DATE, window_to DATE,
                done_on DATE, cancelled_by_customer BOOLEAN, channel VARCHAR, csm VARCHAR, comment VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL,
                superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE survey (
                answer_id VARCHAR NOT NULL, account_id VARCHAR, answered_on DATE, question VARCHAR, score DOUBLE,
                respondent VARCHAR, comment VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE survey_past (
                answer_id VARCHAR NOT NULL, account_id VARCHAR, answered_on DATE, question VARCHAR, score DOUBLE,
                respondent VARCHAR, comment VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE milestone (
                milestone_id VARCHAR NOT NULL, account_id VARCHAR, user_id VARCHAR, milestone VARCHAR,
                clock_started_on DATE, reached_on DATE, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE milestone_past (
                milestone_id VARCHAR NOT NULL, account_id VARCHAR, user_id VARCHAR, milestone VARCHAR,
                clock_started_on DATE, reached_on DATE, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE promise (
                promise_id VARCHAR NOT NULL, account_id VARCHAR, made_on DATE, due_on DATE, kept_on DATE,
                text VARCHAR, csm VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE promise_past (
                promise_id VARCHAR NOT NULL, account_id VARCHAR, made_on DATE, due_on DATE, kept_on DATE,
                text VARCHAR, csm VARCHAR, load VARCHAR NOT NULL, row_number BIGINT NOT NULL,
                superseded_by VARCHAR NOT NULL, superseded_at TIMESTAMP NOT NULL)""",
            """CREATE TABLE cost (
                cost_id VARCHAR NOT NULL, month DATE, amount DOUBLE, kind VARCHAR, segment VARCHAR, team VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL)""",
            """CREATE TABLE cost_past (
                cost_id VARCHAR NOT NULL, month DATE, amount DOUBLE, kind VARCHAR, segment VARCHAR, team VARCHAR,
                load VARCHAR NOT NULL, row_number BIGINT NOT NULL, superseded_by VARCHAR NOT NULL,
                superseded_at TIMESTAMP NOT NULL)""",
            """CREATE VIEW account_month AS
                WITH reach AS (
                    SELECT MAX(last_day) AS last_day,
                        CAST(MAX(CASE WHEN kind = 'subscription' THEN loaded_at END) AS DATE) AS subscriptions,
                        CAST(MAX(CASE WHEN kind = 'mrr_movement' THEN loaded_at END) AS DATE) AS movements
                    FROM fact_load),
                chosen AS (
                    SELECT CASE WHEN EXISTS (SELECT 1 FROM mrr_month) THEN 'mrr_month'
                        WHEN EXISTS (SELECT 1 FROM mrr_movement) THEN 'mrr_movement' ELSE 'subscription' END AS source),
                balance AS (
                    SELECT account_id, month, ROUND(FSUM(mrr), 6) AS mrr
                    FROM mrr_month WHERE mrr IS NOT NULL GROUP BY account_id, month),
                stated AS (
                    SELECT account_id, month, MAX(mrr_start) AS mrr_start, MAX(mrr_end) AS mrr_end
                    FROM (
                        SELECT account_id, month, CAST(NULL AS DOUBLE) AS mrr_start, mrr AS mrr_end FROM balance
                        UNION ALL
                        SELECT account_id, CAST(month + INTERVAL 1 MONTH AS DATE), mrr, NULL FROM balance) AS sides
                    GROUP BY account_id, month),
                months AS (SELECT DISTINCT month FROM balance),
                from_months AS (
                    SELECT stated.account_id, stated.month,
                        CASE WHEN before.month IS NOT NULL THEN COALESCE(stated.mrr_start, 0) END AS mrr_start,
                        COALESCE(stated.mrr_end, 0) AS mrr_end
                    FROM stated
                    JOIN months ON months.month = stated.month
                    LEFT JOIN months AS before ON before.month = stated.month - INTERVAL 1 MONTH),
                last_movement AS (
                    SELECT CAST(DATE_TRUNC('month', LEAST(GREATEST(MAX(moved_on), MAX(last_day)), MAX(movements))) AS DATE)
                        AS month
                    FROM mrr_movement CROSS JOIN reach),
                moved AS (
                    SELECT account_id, CAST(DATE_TRUNC('month', moved_on) AS DATE) AS month, FSUM(amount) AS amount
                    FROM mrr_movement WHERE moved_on IS NOT NULL AND amount IS NOT NULL
                    GROUP BY account_id, CAST(DATE_TRUNC('month', moved_on) AS DATE)),
                grid AS (
                    SELECT account_id,
                        CAST(UNNEST(GENERATE_SERIES(first_month, last_month, INTERVAL 1 MONTH)) AS DATE) AS month
                    FROM (
                        SELECT moved.account_id, MIN(moved.month) AS first_month, MAX(last_movement.month) AS last_month
                        FROM moved CROSS JOIN last_movement GROUP BY moved.account_id) AS reached),
                running AS (
                    SELECT grid.account_id, grid.month, ROUND(SUM(COALESCE(moved.amount, 0)) OVER (
                        PARTITION BY grid.account_id ORDER BY grid.month
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), 6) AS mrr_end
                    FROM grid LEFT JOIN moved ON moved.account_id = grid.account_id AND moved.month = grid.month),
                from_movements AS (
                    SELECT account_id, month,
                        COALESCE(LAG(mrr_end) OVER (PARTITION BY account_id ORDER BY month), 0) AS mrr_start, mrr_end
                    FROM running),
                last_subscription AS (
                    SELECT CAST(DATE_TRUNC('month', LEAST(
                        GREATEST(MAX(started_on), MAX(ended_on), MAX(last_day)), MAX(subscriptions))) AS DATE) AS month
                    FROM subscription CROSS JOIN reach),
                span AS (
                    SELECT account_id, mrr,
                        CAST(DATE_TRUNC('month', started_on) + INTERVAL 1 MONTH AS DATE) AS first_instant,
                        CAST(LEAST(DATE_TRUNC('month', ended_on), last_subscription.month + INTERVAL 1 MONTH) AS DATE)
                            AS last_instant
                    FROM subscription CROSS JOIN last_subscription
                    WHERE trial IS NOT TRUE AND started_on IS NOT NULL AND mrr IS NOT NULL),
                held AS (
                    SELECT account_id, instant, ROUND(FSUM(mrr), 6) AS mrr
                    FROM (
                        SELECT account_id, mrr,
                            CAST(UNNEST(GENERATE_SERIES(first_instant, last_instant, INTERVAL 1 MONTH)) AS DATE) AS instant
                        FROM span) AS instants
                    GROUP BY account_id, instant),
                from_subscriptions AS (
                    SELECT account_id, month, SUM(mrr_start) AS mrr_start, SUM(mrr_end) AS mrr_end
                    FROM (
                        SELECT account_id, instant AS month, mrr AS mrr_start, 0 AS mrr_end FROM held
                        UNION ALL
                        SELECT account_id, CAST(instant - INTERVAL 1 MONTH AS DATE), 0, mrr FROM held) AS sides
                    GROUP BY account_id, month)
                SELECT account_id, month, mrr_start, mrr_end FROM from_months
                    WHERE (SELECT source FROM chosen) = 'mrr_month'
                UNION ALL
                SELECT account_id, month, mrr_start, mrr_end FROM from_movements
                    WHERE (SELECT source FROM chosen) = 'mrr_movement'
                UNION ALL
                SELECT account_id, month, mrr_start, mrr_end FROM from_subscriptions
                    WHERE (SELECT source FROM chosen) = 'subscription'
                        AND month <= (SELECT month FROM last_subscription)""",
        ),
    ),
    (
        "0003_health_scores",
        (
            """CREATE TABLE health_month (
                account_id VARCHAR NOT NULL, month DATE NOT NULL, segment VARCHAR NOT NULL, version INTEGER NOT NULL, score SMALLINT,
                readings DOUBLE[] NOT NULL, points SMALLINT[] NOT NULL, possible SMALLINT[] NOT NULL)""",
            """CREATE TABLE health_recorded (
                month DATE NOT NULL, version INTEGER NOT NULL, recorded_at TIMESTAMP NOT NULL, accounts BIGINT NOT NULL,
                kinds VARCHAR NOT NULL)""",
            """CREATE TABLE health_restated (
                account_id VARCHAR NOT NULL, month DATE NOT NULL, score SMALLINT, readings DOUBLE[], told_at TIMESTAMP NOT NULL)""",
        ),
    ),
    ("0004_committed", ("CREATE TABLE committed (id VARCHAR PRIMARY KEY, made_at TIMESTAMP NOT NULL)",)),
)


def _tables(steps: tuple[Step, ...]) -> frozenset[str]:
    return frozenset(word for _, statements in steps for one in statements for word in re.findall(r"^\s*CREATE TABLE (\w+)", one))


STATE_TABLES, FACTS_TABLES = _tables(STATE), _tables(FACTS)
TABLES = frozenset({"migration"}) | STATE_TABLES | FACTS_TABLES
