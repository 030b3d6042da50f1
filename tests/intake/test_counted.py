"""What is counted over a whole column is the same in a small file and in a large one."""

from __future__ import annotations

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.intake import counted
from scorecard.intake.profile import Content
from tests.intake.making import make_table

CELLS = st.sampled_from(["", " ", "\u00a0", "\u2003", "\t", "a", "a ", "A", "b c", "é", "~", "~x", "!", "'", "日本"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_blank_and_different_cells_are_counted_alike_however_many_rows_there_are(tmp_path, monkeypatch, texts):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("id", "cell"), *((f"s{n}", text) for n, text in enumerate(texts))])
    table, found = make_table(tmp_path, out.getvalue(), "export.csv"), []
    for large in (1, 1 << 40):
        monkeypatch.setattr(counted, "LARGE", large)
        found.append(Content(table, (), ()).blank_and_distinct("cell"))
    assert found[0] == found[1] == (sum(not text.strip() for text in texts), len({text for text in texts if text.strip()}))
    assert [path.suffix for path in tmp_path.iterdir() if path.is_dir()] == []
