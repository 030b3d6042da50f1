"""The tokens keep their contrast, and no text of a user ever becomes markup."""

from __future__ import annotations

import base64
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.output import theme
from scorecard.places import ROOT

SHOW = ("forms", "handed", "problems", "register_board", "sensory_account", "shell", "state")
FAMILIES = ("improvement_", "maturity_", "study_")

# Contrast on the page and on the band, as the design page states them; None where it states none.
STATED = {
    "light": {"ink": (15.7, 13.3), "ink2": (9.7, 8.3), "mut": (5.8, 5.0), "series": (7.5, 6.4), "centre": (4.3, 3.7),
              "ctl": (3.2, None), "blue": (6.1, 5.2), "orange": (5.5, 4.7), "green": (6.2, 5.3), "amber": (5.9, 5.0),
              "red": (6.6, 5.6), "triangle": (3.4, None)},
    "dark": {"ink": (16.9, 11.6), "ink2": (12.5, 8.6), "mut": (8.4, 5.8), "series": (11.6, 8.0), "centre": (6.1, 4.2),
             "ctl": (3.9, None), "blue": (8.3, 5.7), "orange": (9.0, 6.2), "green": (8.7, 6.0), "amber": (10.4, 7.1),
             "red": (7.4, 5.1)},
}
TEXT = ("ink", "ink2", "mut", "blue", "orange", "green", "amber", "red")
MARKS = ("series", "centre", "ctl", "triangle")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("mode", "token", "stated"), [(m, t, s) for m, own in STATED.items() for t, s in own.items()])
def test_a_token_has_the_contrast_that_the_design_states(mode, token, stated):
    colours = theme.TOKENS[mode]
    for ground, ratio in zip(("bg", "band"), stated, strict=True):
        if ratio is not None:
            assert contrast(colours[token], colours[ground]) == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read_and_marks_can_be_seen(mode):
    colours = theme.TOKENS[mode]
    assert all(contrast(colours[t], colours[g]) >= 4.5 for t in TEXT for g in ("bg", "panel", "band"))
    assert all(contrast(colours[t], colours["bg"]) >= 3 for t in MARKS)
    assert contrast(colours["blue"], colours["bluebg"]) >= 4.5


def test_every_colour_variable_that_is_used_is_a_token_of_both_themes():
    sheets = "".join(file.read_text("utf-8") for file in theme.STYLE_FILE.parent.glob("style*.css"))
    used, widths = set(re.findall(r"var\(--([a-z0-9]+)\)", sheets)), set(re.findall(r"--([a-z0-9]+):", sheets))
    assert not widths & set(theme.LIGHT) and used - widths <= set(theme.LIGHT) | {"font"} and set(theme.LIGHT) == set(theme.DARK)


def test_the_stylesheet_fetches_nothing():
    assert "url(" not in theme.css()
    assert "@import" not in theme.css()
    assert re.findall(r"url\(([a-z]+:)", theme.font_face()) == ["data:"]


def test_a_page_that_follows_the_system_is_printed_light():
    assert "@media screen and (prefers-color-scheme:dark){.ss.auto" in theme.css()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_native_widgets_have_the_colours_of_the_drawn_pages(mode):
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    colours, own = theme.TOKENS[mode], config[mode]
    pairs = {"primaryColor": "blue", "backgroundColor": "bg", "secondaryBackgroundColor": "panel", "textColor": "ink",
             "linkColor": "blue", "borderColor": "ctl", "blueColor": "blue", "orangeColor": "orange", "greenColor": "green",
             "yellowColor": "amber", "redColor": "red", "grayColor": "mut"}
    assert {name: own[name] for name in pairs} == {name: colours[token] for name, token in pairs.items()}


def test_the_font_is_a_local_file_with_its_licence():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert [face["url"] for face in config["theme"]["fontFaces"]] == [f"app/static/{theme.FONT_FILE.name}"]
    assert theme.FONT_FILE.read_bytes()[:4] == b"wOF2"
    assert "SIL OPEN FONT LICENSE" in (theme.FONT_FILE.parent / "Inter-LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize(("text", "shown"), [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ('" onload="x', "&quot; onload=&quot;x"),
    ("it's", "it&#x27;s"),
    ("a & b", "a &amp; b"),
    ("evil\u202etxt\u0000", "eviltxt"),
    ("e\u0301", "é"),
])
def test_text_is_escaped_and_cleaned(text, shown):
    assert theme.escape(text) == shown


@pytest.mark.parametrize("text", ["![x](http://a.b/c.png)", "[go](javascript:x)", "**bold**", ":material/home:", "$x^2$",
                                  "<b>", "# head", "- item", "`code`", "~~gone~~", "a\nb"])
def test_markdown_in_a_name_stays_text(text):
    shown = theme.escape_markdown(text)
    assert not re.search(r"(?<!\\)[`*_\[\]()<>#!|~$:]", shown)
    assert "\n" not in shown


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="^Mode 'blue' is none of light, dark, auto\\.$"):
        theme.frame("", "blue")


def test_a_block_carries_its_theme_and_its_kind():
    assert theme.frame("<p>x</p>") == '<div class="ss auto"><p>x</p></div>'
    assert theme.frame("", "dark", "wall") == '<div class="ss dark wall"></div>'


@pytest.mark.parametrize(("mode", "opens"), [("light", ".ss{"), ("dark", ".ss.dark{"), ("dark", "@media screen and (prefers-color-scheme:dark){.ss.auto{")])
def test_each_theme_declares_every_token_with_its_own_colour(mode, opens):
    declared = next(line for line in theme.css("base").splitlines() if line.startswith(opens)).removeprefix(opens).rstrip("}")
    tokens = [f"{name}:{value}" for name, value in theme.TOKENS[mode].items()]
    assert declared.split(";") == [f"color-scheme:{mode}", f"--font:{theme.FONT}", *(f"--{token}" for token in tokens), ""]


def test_a_page_that_stands_alone_carries_its_own_sheets_and_no_others():
    sheets = {file.stem: file.read_text("utf-8") for file in sorted(theme.STYLE_FILE.parent.glob("style*.css"))}
    assert theme.css().endswith("}\n" + "".join(sheets.values()))
    assert theme.css("base", "advocacy").endswith("}\n" + sheets["style"] + sheets["style_advocacy"])


def test_the_font_in_a_page_that_stands_alone_is_the_file_whole():
    before, data, after = re.split(r"(?<=base64,)|(?=\) format)", theme.font_face())
    assert before == "@font-face{font-family:Inter;font-style:normal;font-weight:400 700;font-display:swap;src:url(data:font/woff2;base64,"
    assert base64.b64decode(data, validate=True) == theme.FONT_FILE.read_bytes() and after == ") format('woff2')}\n"


@pytest.mark.parametrize(("typed", "shown"), [
    ("see www.evil.example", "see www\u2060.evil.example"), ("HTTPS://evil.example", "HTTPS\u2060://evil.example"), ("a@evil.example", "a@\u2060evil.example"),
    ("two\nlines", "two lines"), ("a\u202eb", "ab"), ("# x", "\\# x"), (" - x", " \\- x"),
])
def test_a_sentence_is_one_line_in_which_no_address_becomes_a_link(typed, shown):
    assert theme.escape_sentence(typed) == shown


@pytest.mark.parametrize(("typed", "shown"), [("a-b", r"a\-b"), ("# x\ny", r"\# x y"), ("www.x.y", "www\u2060\\.x\\.y"), (7, "7")])
def test_a_name_is_escaped_sign_by_sign(typed, shown):
    assert theme.escape_markdown(typed) == shown


@given(st.text(alphabet="aZ9 .,()[]*_`<>$~:&#+-/@w\\é"))
def test_what_was_escaped_for_a_sentence_can_be_had_back(text):
    assert theme.unescaped(theme.escape_sentence(text)) == theme.clean(text)


def test_the_way_back_takes_the_unseen_sign_out_of_addresses():
    assert theme.unescaped("see www\u2060.a.example and \\*b\\*") == "see www.a.example and *b*"


@pytest.mark.parametrize("typed", ["![i](http://evil.example/x.png)", "<b>x</b>", "**x**", ":material/lock:", "$x$", "`x`", "&lt;b&gt;", "~~x~~"])
def test_what_somebody_typed_is_plain_text_inside_a_sentence_of_ours(typed):
    shown = theme.escape_sentence(f"Not saved: {typed} was closed by Rana on 3 Mar 2026 (at 12:30).")
    assert "\\" in shown and shown.endswith(" was closed by Rana on 3 Mar 2026 (at 12:30).")
    assert not re.search(r"(?<!\\)[\[\]*<`$~]|(?<!\\):[a-z]|(?<!\\)&", shown.replace("http:", ""))


def test_no_refusal_and_no_notice_is_shown_as_markup():
    """Their words may name a title that somebody typed: an image in it would be fetched from outside."""
    raw = re.compile(r"st\.(?:error|info|warning|success|toast)\((?:str\(|f\"[^\"]*\{refusal|words|said|found|refus|told\.|f\"\{[a-z.]*title)")
    files = [path for path in sorted((ROOT / "scorecard" / "ui").glob("*.py")) if path.name.startswith(FAMILIES) or path.stem in SHOW]
    files.append(ROOT / "pages" / "data.py")
    found = [f"{path.name}: {line.strip()}" for path in files
             for line in path.read_text("utf-8").splitlines() if raw.search(line)]
    assert found == []


def test_the_lists_of_a_field_show_names_as_they_were_written():
    """Their options are plain text: escaped, a name like kick-off would stand there with a backslash."""
    plain = re.compile(r"\.(?:selectbox|multiselect)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*escape_markdown")
    calls = {path.name: plain.search(path.read_text("utf-8")) for path in (ROOT / "scorecard" / "ui").glob("*.py")}
    assert [name for name, found in calls.items() if found] == []
