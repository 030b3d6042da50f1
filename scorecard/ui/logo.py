"""The logo: seven dots in a ring, the first one blue, with the name beside them."""

from __future__ import annotations

import math
import re
from pathlib import Path

# "Seven Systems" as shapes, in Inter at 600 and 15 px: an image may load no font, and the machine's own would be too wide.
_NAME = re.search("<path.*/>", (Path(__file__).parent / "static" / "name.svg").read_text("ascii")).group()
_ANGLES = [math.tau * n / 7 - math.pi / 2 for n in range(7)]


def _dots(size: float, ink: str, first: str) -> str:
    """Seven circles on a ring in a square of this size."""
    centre, ring, radius = size / 2, size * 0.385, size * 0.1
    return "".join(
        f'<circle cx="{centre + ring * math.cos(a):.2f}" cy="{centre + ring * math.sin(a):.2f}" r="{radius:.2f}" '
        f'fill="{ink if n else first}"/>'
        for n, a in enumerate(_ANGLES)
    )


def mark(ink: str, first: str) -> str:
    """The ring alone, as SVG."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">{_dots(24, ink, first)}</svg>'


def logo(ink: str, first: str) -> str:
    """The ring and the name, as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 152 24" width="152" height="24" role="img" '
        f'aria-label="Seven Systems">{_dots(24, ink, first)}{_NAME.replace("currentColor", ink)}</svg>'
    )


LIGHT, DARK = ("#1b2430", "#1f5fbf"), ("#f2f5f8", "#79b0ff")
MARK, MARK_DARK = mark(*LIGHT), mark(*DARK)
LOGO_LIGHT, LOGO_DARK = logo(*LIGHT), logo(*DARK)
