"""How many people work asks for, and what a skill rests on. Counts only; nobody is compared with anybody."""

from __future__ import annotations

import math
from collections.abc import Mapping

LEARNING, ALONE, TEACH = "learning", "alone", "teach"
COUNTED = (ALONE, TEACH)


def people_for(accounts: float, load: float) -> int:
    """How many people serve so many accounts when one serves `load` of them well: the next whole number, 0 for none."""
    if load <= 0:
        raise ValueError("One person serves at least some part of an account.")
    return math.ceil(accounts / load - 1e-9)


def gap(there: int, wanted: int | None) -> int | None:
    """People there less people wanted: below nothing when some are missing; None where nothing is planned."""
    return None if wanted is None else there - wanted


def counted(levels: Mapping[str, str]) -> int:
    """How many people work alone or can teach, of their levels by person."""
    return sum(level in COUNTED for level in levels.values())


def rests_on(levels: Mapping[str, str], required: int) -> str:
    """The one person on whom a skill rests that is required at all, "" when there is none or more than one."""
    able = [person for person, level in levels.items() if level in COUNTED]
    return able[0] if len(able) == 1 and required else ""
