"""Migrations: named, ordered, once each, after a backup; a released one is never edited."""

from __future__ import annotations

from datetime import datetime

import pytest

from scorecard.errors import StoreError
from scorecard.store import backup, migrations

RELEASED = {
    "0001_house": "c42fb2831efe489f273c6e1fc119d03d29a6123d286ab3cf5567bc627442046c",
    "0002_measures": "6ba3f20e2adf3bd64f535fef0c8ffbe8786fb6b636accbb6637cee787975924a",
    "0003_jobs": "7da4b071e7856dc16e0276f3c3e8632cbea3ad01f512aaa88a13362606dc3435",
    "0004_maps": "8eaa171afc4880ab77a3d99de00d34a6325a45846bff7b67435110d64b58aabb",
    "0005_figures_in_part": "64e30ec38df608bd82da55537a9381d2d6493a4f9375e57d5fef309dfc4874d0",
    "0006_actions": "532ab95dda46df9f903877397aafb0216dca6c9b2b2ba9641fd40c0025262b4e",
    "0007_reviews": "9744e65375c4784ab73a448d01686a6c00e87c1decf026282e8a408b270549c3",
    "0008_calendar_and_messages": "61c9d651af59458637880fbdfccfdfe1cf7c13902e5a8a8de65760684095e42a",
    "0009_rhythm": "584852e23dd68633ee352d8fdb44d3916c1cb6d774738bf34c0da753547a9c7b",
    "0010_links_for_walls": "0fb0160ee40088c7efae39380ffd2591938f26760f12e21cec0a99b44ffe5a08",
    "0011_settled_findings": "8a3eb49aed5b85fda6ba459c4a9f323af85a65e26c57860ab82ff902dadaa8cf",
    "0012_messages_and_their_concerns": "b4be7087b6e2e4c85fbed71aa17573aed611753af636565457b0299d468649f2",
    "0013_linked_scorecards": "7ff455621b0c6742030971a924a769fd8834b6e6ec356ffd08855d6a58025956",
    "0014_maturity": "be91d66a2dd75b5aa4d4797421b548ac4403ebfb5b3c636de9929f6d712dbb36",
    "0016_projects_end": "895cb2e907ee8d7dfb077696f302dc2265f850d1466c44d7271d3620310b39ba",
    "0017_registers": "4f17930a6693d707c6c3479c9eba7ca20656128118de8df6883d6d8fd3a3e60d",
    "0018_invitations": "951f5b19c15d345fe141359f83438edefb16b2401d03ebf4263a09594e307673",
    "0019_sessions": "6b7b65191c9bf687efefe50947c8814d8c5f02acadef9f2e1755445e1df08909",
    "0020_health_rule": "b126aeb0130f8f6a82d47a92a3b4eb6bc555a0816a527206c6e7a8620c0015c4",
    "0021_theme_rule": "e7ff1c39c63d7f7ce8d0994fc27c70d9cb6a5b00bde30fe0845eff0560d108e2",
    "0022_studies": "2a2a766a6ce1a1f26ea810a8914a94dc102efa871a53a97ac34e5dad7fa1710f",
    "0023_lifecycle_map": "00c1968945860284d458aa1da6a5b931a104209d3cff6ff0dfb426d48932dfe5",
    "0024_feedback_rounds": "a64f5e0fd4a045e7bbf11d2f2c92845ee0ae01caa0b187c9c4749d0596cb33a4",
    "0025_calendar_spans": "c74e57d74d2f9509457e3c42712c5ed456585aebbceab2e708308de307dbfafd",
    "0026_sign_in": "aaad0de932e17267809be3dc9794d8bbeecab5c561d859fded6988f5c0141335",
    "0027_backups_and_drafts": "d91f3513eee3d230fbc849068e6504e7716b68e85773454969b015732a2a195d",
    "0028_share_scope": "2dd241a13bfbf00f10ea15d17bbcbe2f5df4f1a8cf79f714e851210722d28df4",
    "0002_facts": "7a38b5094fdcbb7d1b543305ecc746d051c9939ca68b237bba77345700815ee2",
    "0004_committed": "f9e7681449c82ea941da718ecc2a07f2bb77d631c5315c5ecd4f757df50477b0",
    "0003_health_scores": "3aec18b3155d51cc9e5d1a5e56af5cfedfb1a9405f144acb39c4ef2296c47832",
    "0001_source_rows": "fece4e3054d092500c0c8b826bab3d6d5be5c5da129df899b4c0e07018c84ccf",
}
NEXT = ("0099_colour", ("ALTER TABLE team ADD COLUMN colour VARCHAR", "CREATE TABLE later (id INTEGER PRIMARY KEY)"))
BROKEN = ("0100_broken", ("CREATE TABLE half (id INTEGER)", "CREATE TABLE nonsense ("))
ALL = (*migrations.STATE, *migrations.FACTS)


@pytest.fixture
def with_data(somewhere):
    store = somewhere.open_new()
    store.write(lambda tx: tx.run("INSERT INTO team VALUES ($1, $2, $3)", ("a", "A", 0)), "Rana Amari")
    store.close()
    return somewhere


@pytest.mark.parametrize("step", ALL, ids=[step[0] for step in ALL])
def test_a_released_migration_is_never_edited(step):
    assert migrations.fingerprint(step) == RELEASED[step[0]], (
        f"{step[0]} was changed after it was released. Write a new migration at the end instead."
    )


def test_every_migration_is_released_and_in_order():
    for steps in (migrations.STATE, migrations.FACTS):
        names = [name for name, _ in steps]
        assert names == sorted(set(names))
    assert {name for name, _ in ALL} == set(RELEASED)


def test_a_store_says_which_migrations_it_has_had(store):
    with store.read() as tx:
        assert migrations.applied(tx) == [name for name, _ in migrations.STATE]


def test_a_new_migration_keeps_the_rows_and_is_made_after_a_verified_backup(with_data, monkeypatch):
    monkeypatch.setattr(migrations, "STATE", (*migrations.STATE, NEXT))
    store = with_data.open()
    with store.read() as tx:
        assert tx.all("SELECT id, colour FROM team") == [("a", None)]
        assert migrations.applied(tx)[-1] == "0099_colour"
    made = backup.read(backup.every(store.backups)[0])
    assert made.path.name.endswith("before-0099_colour")
    assert made.rows["state.duckdb"]["team"] == 1
    assert "later" not in made.rows["state.duckdb"]
    store.close()


def test_a_new_store_needs_no_backup(store):
    assert backup.every(store.backups) == []


def test_a_migration_that_fails_leaves_the_store_as_it_was(with_data, monkeypatch):
    monkeypatch.setattr(migrations, "STATE", (*migrations.STATE, NEXT, BROKEN))
    with pytest.raises(Exception, match="(?i)syntax"):
        with_data.open()
    monkeypatch.setattr(migrations, "STATE", (*migrations.STATE[:-2], NEXT))
    store = with_data.open()
    with store.read() as tx:
        assert migrations.applied(tx)[-1] == "0099_colour"
        assert (
            tx.one(
                "SELECT 1 FROM information_schema.tables WHERE table_name = 'half' AND table_schema = current_schema()"
            )
            is None
        )
    store.close()


def test_a_store_of_a_newer_version_is_refused(with_data, monkeypatch):
    known = migrations.STATE
    monkeypatch.setattr(migrations, "STATE", (*known, NEXT))
    with_data.open().close()
    monkeypatch.setattr(migrations, "STATE", known)
    with pytest.raises(
        StoreError, match=r"newer version of the program \(it has had 0099_colour\). Nothing was changed"
    ):
        with_data.open()


def test_every_table_that_a_migration_makes_is_known_by_name(store):
    with store.read() as tx:
        found = {
            name
            for (name,) in tx.all(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            )
        }
    assert found <= migrations.TABLES


def test_a_migration_has_the_moment_at_which_it_was_made(store):
    with store.read() as tx:
        moments = [moment for (moment,) in tx.all("SELECT applied_at FROM migration")]
    assert all(isinstance(moment, datetime) and moment.tzinfo is None for moment in moments)
