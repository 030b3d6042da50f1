"""The heading of a measure's page: where it stands, its name with its status, what it counts, what it says."""

from __future__ import annotations

from scorecard.core.definition import KINDS, SYSTEMS
from scorecard.core.reading import Sentence
from scorecard.metrics import MeasureView
from scorecard.output import marks, tables
from scorecard.output.theme import escape


def measure(view: MeasureView, list_address: str) -> str:
    """`Metrics › Drivers · Work system · owner Marta Ruiz`, the name with its status, the definition in words."""
    one = view.row.measure
    system = SYSTEMS.get(one.system, one.system)
    parts = [
        KINDS.get(one.kind, one.kind),
        system if one.system == "all" else f"{system} system",
        f"owner {one.owner}" if one.owner else "",
    ]
    where = " · ".join(escape(part) for part in parts if part)
    return (
        f'<p class="cap"><a href="{escape(list_address)}" style="text-decoration:underline">Metrics</a> <span aria-hidden="true">›</span> {where}</p>'
        f'<div style="display:flex;flex-wrap:wrap;align-items:center;gap:4px 14px;margin:2px 0 4px"><h1>{escape(one.label)}</h1>'
        f"{_status(view)}</div>"
        f'<p class="sub">{escape(counted(view))}</p>'
    )


def counted(view: MeasureView) -> str:
    """What the measure counts: its description, else numerator ÷ denominator."""
    one = view.row.measure
    if one.description:
        return one.description
    return f"{one.numerator_label} ÷ {one.denominator_label}" if one.numerator_label and one.denominator_label else ""


def _status(view: MeasureView) -> str:
    """The status, which opens to the rule that set it."""
    return (
        f'<details class="why" name="why"><summary>{marks.status(view.row.reading.status)}'
        f'<span class="vh">, the rule that set it</span></summary>{tables.why(view.row)}</details>'
    )


def told(view: MeasureView) -> str:
    """The reading as a sentence with its evidence, and what the reader must be told about the figures."""
    reading = view.row.reading
    says = tables.says([reading.sentence, *([Sentence("", reading.evidence)] if reading.evidence else [])])
    notices = [*([view.baseline_changed] if view.baseline_changed else []), *view.notices]
    return says + tables.notices(notices)
