"""The two small pages of a personal sign-in link: a button that signs in, and why a link does not."""

from __future__ import annotations

from scorecard.output import marks
from scorecard.output.html import document
from scorecard.output.theme import escape

_BUTTON = ("display:inline-block;margin-top:16px;padding:10px 18px;border:0;border-radius:5px;background:#1f5fbf;color:#fff;"
           "font:600 14px Inter,system-ui,sans-serif;cursor:pointer")


def button_page(name: str, organisation: str) -> str:
    """The page that asks the holder of a link to sign in: for whom it is, and one button."""
    return document(
        "Sign in",
        f'<div class="mid">{marks.logo(28)}<h1 style="margin-top:16px">Sign in as {escape(name)}</h1>'
        f"<p>{escape(organisation)}. This link works once, in this browser. If you are somebody else, close this page.</p>"
        f'<form method="post"><button type="submit" style="{_BUTTON}">Sign in</button></form></div>',
        referrer="same-origin",
    )


def closed_page(sentence: str) -> str:
    """The page of a link that does not sign in; it says the same whatever the reason."""
    return document(
        "Sign in", f'<div class="mid">{marks.logo(28)}<h1 style="margin-top:16px">This link does not sign in.</h1><p>{escape(sentence)}</p></div>')
