"""The logo: seven dots in a ring, the first one blue, with the name beside them."""

from __future__ import annotations

import math

_ANGLES = [math.tau * n / 7 - math.pi / 2 for n in range(7)]


def _dots(size: float, ink: str, first: str) -> str:
    """Seven circles on a ring in a square of this size."""
    centre, ring, radius = size / 2, size * 0.385, size * 0.1
    return "".join(
        f'<circle cx="{centre + ring * math.cos(a):.2f}" cy="{centre + ring * math.sin(a):.2f}" r="{radius:.2f}" '
        f'fill="{ink if n else first}"/>'
        for n, a in enumerate(_ANGLES)
    )


def mark(ink: str = "#1b2430", first: str = "#1f5fbf") -> str:
    """The ring alone, as SVG."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">{_dots(24, ink, first)}</svg>'


def logo(ink: str, first: str) -> str:
    """The ring and the name, as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 152 24" width="152" height="24" role="img" '
        f'aria-label="Seven Systems">{_dots(24, ink, first)}<text x="34" y="17.2" fill="{ink}" '
        f'font-family="Inter,system-ui,-apple-system,Segoe UI,sans-serif" font-size="15" font-weight="600">Seven Systems</text></svg>'
    )


MARK = mark()
LOGO_LIGHT = logo("#1b2430", "#1f5fbf")
LOGO_DARK = logo("#f2f5f8", "#79b0ff")
