"""The look: colours, type and the one stylesheet of everything that is drawn as HTML and SVG.

Every block stands inside `frame(…)`, an element of class `ss` that is `light`, `dark` or `auto`
(by the reader's system). Colours are CSS variables of that element, so one text serves both themes.
"""

from __future__ import annotations

import base64
import functools
import html
import re
import unicodedata
from pathlib import Path

# Inter 4.1 (SIL Open Font License), Latin, weights 400 to 700, tabular forms of the ten digits only.
# Streamlit serves files to the page from the folder beside its script only, so the font lives there once.
FONT_FILE = Path(__file__).resolve().parents[1] / "ui" / "static" / "Inter.woff2"

LIGHT = {
    "bg": "#ffffff",
    "panel": "#f6f7f9",
    "ink": "#1b2430",
    "ink2": "#3a4553",
    "mut": "#5b6673",
    "series": "#4a5664",
    "centre": "#6f7b89",
    "ctl": "#87929f",
    "line": "#dde2e8",
    "band": "#e8edf3",
    "blue": "#1f5fbf",
    "orange": "#b34700",
    "green": "#176f42",
    "amber": "#8a5a00",
    "red": "#b42318",
    "bluebg": "#eaf1fb",
    "triangle": "#c27c00",
}
DARK = {
    "bg": "#0e141b",
    "panel": "#161f2a",
    "ink": "#f2f5f8",
    "ink2": "#cdd5de",
    "mut": "#a4b0be",
    "series": "#c5ced8",
    "centre": "#8796a8",
    "ctl": "#66758a",
    "line": "#2c3744",
    "band": "#263444",
    "blue": "#79b0ff",
    "orange": "#ff9d57",
    "green": "#4fc78e",
    "amber": "#f0b94f",
    "red": "#ff7d73",
    "bluebg": "#1a2d47",
    "triangle": "#f0b94f",
}
STYLE_FILE = Path(__file__).with_name("style.css")
TOKENS = {"light": LIGHT, "dark": DARK}
MODES = ("light", "dark", "auto")
FONT = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")
# Markdown of pages makes links of bare addresses, and no sign before them keeps it from that; one that nobody sees inside them does.
_ADDRESS = re.compile(r"(?:https?|ftp)(?=:)|www(?=\.)|@(?=[\w-]+\.)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>$~:&#+\-])")
_IN_SENTENCE = re.compile(r"([\\`*_\[\]<>$~]|:(?=[a-z+\-])|&(?=#?\w+;))")
_FIRST = re.compile(r"^(\s*)([#+\-])")


def clean(text: object) -> str:
    """Text without control and direction characters, in one normal form."""
    return _HIDDEN.sub("", unicodedata.normalize("NFC", str(text)))


def escape(text: object) -> str:
    """Any text, safe between tags and inside quoted attributes of HTML and SVG, and in the texts of a chart."""
    return html.escape(clean(text), quote=True)


def escape_markdown(text: object) -> str:
    """Any text, safe inside Streamlit's Markdown: no image, link, formula, icon or emphasis comes of it."""
    return _MARKDOWN.sub(r"\\\1", _unlinked(text))


def escape_sentence(text: object) -> str:
    """A sentence of ours that may hold what somebody typed, safe inside Streamlit's Markdown; its stops and brackets stay."""
    return _FIRST.sub(r"\1\\\2", _IN_SENTENCE.sub(r"\\\1", _unlinked(text)))


def unescaped(text: str) -> str:
    """The text as it was before `escape_sentence`."""
    return _ESCAPED.sub(r"\1", text.replace("\u2060", ""))


def _unlinked(text: object) -> str:
    """The text on one line, in which no address becomes a link."""
    return _ADDRESS.sub("\\g<0>\u2060", clean(text).replace("\n", " "))


def frame(content: str, mode: str = "auto", kind: str = "") -> str:
    """The element that carries the theme around a block of HTML."""
    if mode not in MODES:
        raise ValueError(f"Mode {mode!r} is none of {', '.join(MODES)}.")
    return f'<div class="ss {mode}{" " + kind if kind else ""}">{content}</div>'


@functools.cache
def css(*parts: str) -> str:
    """The stylesheet of every block of the app; of a page that stands alone, with `parts` such as `base`, `advocacy`. Nothing in it is fetched."""
    files = [STYLE_FILE.with_name("style.css" if part == "base" else f"style_{part}.css") for part in parts]
    return (
        f".ss{{{_variables('light')}}}\n.ss.dark{{{_variables('dark')}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{.ss.auto{{{_variables('dark')}}}}}\n"
        + "".join(file.read_text("utf-8") for file in files or sorted(STYLE_FILE.parent.glob("style*.css")))
    )


def _variables(mode: str) -> str:
    scheme = f"color-scheme:{mode};--font:{FONT};"
    return scheme + "".join(f"--{name}:{value};" for name, value in TOKENS[mode].items())


@functools.cache
def font_face() -> str:
    """The font as part of the stylesheet, for pages that stand alone."""
    data = base64.b64encode(FONT_FILE.read_bytes()).decode("ascii")
    return (
        "@font-face{font-family:Inter;font-style:normal;font-weight:400 700;font-display:swap;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}\n"
    )
