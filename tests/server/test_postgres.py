"""The whole product with its store in PostgreSQL: what was moved reads the same on every page as it did from the file."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime

import pytest

from scorecard import places
from scorecard.store import moving
from scorecard.ui import block
from tests import endurance, stores
from tests.store.conftest import SERVER, WITHOUT, _on_server

OTHERWISE = ("audit", "settings")  # they tell of the move, and of the backups that lie beside each
NEVER_THE_SAME = re.compile(r'"(?:session_id|observed_at)": "[^"]*"|/media/[^"]*|[0-9a-f]{16,}')


@pytest.mark.endurance
@pytest.mark.postgres
@WITHOUT
@pytest.mark.skipif(not endurance.in_full(), reason="two servers draw every page; pytest -m endurance does it")
def test_every_page_reads_the_same_from_postgresql_as_from_the_file_it_was_moved_from(start, company, tmp_path):
    schema = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE SCHEMA {schema}")
    database = f"{SERVER}?options=-csearch_path%3D{schema}"
    there, here = (stores.copied(company, tmp_path / name) for name in ("file", "database"))
    moving.move(here / "state.duckdb", here / "facts.duckdb", database, "Marek", datetime(2026, 11, 23, 8))
    servers = [start("--server.enableAgentApi", "true", folder=there),
               start("--server.enableAgentApi", "true", folder=here, **{places.STATE: database})]
    for page in block.PAGES:
        told = [NEVER_THE_SAME.sub("", json.dumps(server.interact(page=page), sort_keys=True)) for server in servers]
        assert page in OTHERWISE or told[0] == told[1], page
        assert "Something went wrong" not in told[1] and len(told[1]) > 500, page
    for address in ("/api/scorecard", "/api/measure/renewal_rate", "/api/records/finding"):
        assert servers[0].get(address).text == servers[1].get(address).text != ""
    for server in servers:
        server.process.terminate()
        server.process.wait(30)
    _on_server(f"DROP SCHEMA {schema} CASCADE")
