"""What the first page says before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.metrics import Row
from scorecard.output import html
from scorecard.output.theme import escape

FORMS = (
    ("One row a figure", "measure, month, value"),
    ("One column a measure", "month, renewal rate, adoption …"),
    ("Kinds of file", "CSV, TSV, Excel or Parquet, up to 50 MB, or pasted text"),
)
STEPS = (
    ("Choose at most ten", "What you get, and what you do to get it. Fewer is better."),
    ("Say what good is", "A goal and a direction for each. You may leave it open."),
    ("Read the first month", "Six months give a first picture, twelve firmer limits; at 24 they lock."),
    ("Share it", "One page a month: what changed, and what cannot reach its goal."),
)


def sample(rows: Sequence[Row]) -> str:
    """What the sample company is, with some of its measures."""
    return (
        '<h2>Look at a sample company</h2><p class="ink2" style="margin-top:6px">Larkfield makes rota-planning software: '
        "412 accounts, twelve customer success managers, 36 months, ten measures in three segments. "
        "Some things in it went wrong: see whether you find them.</p>"
        f'<div style="margin-top:12px">{html.preview(rows)}</div>'
    )


def load() -> str:
    """What a file of figures looks like."""
    rows = "".join(
        f'<tr><th scope="row" style="font-weight:600;height:34px;white-space:nowrap">{escape(name)}</th>'
        f'<td class="ink2">{escape(words)}</td></tr>'
        for name, words in FORMS
    )
    return (
        '<h2>Load your figures</h2><p class="ink2" style="margin:6px 0 12px">One file of monthly figures is enough for a first '
        "scorecard. The more months it holds, the sooner the limits can tell a change from chance.</p>"
        f"<table><tbody>{rows}</tbody></table>"
    )


def after() -> str:
    """The four steps after the first load."""
    return (
        f'<div style="border-top:1px solid var(--ink);padding-top:16px;margin-top:8px"><h2>What comes after</h2>'
        f"{html.next_steps(STEPS)}</div>"
    )
