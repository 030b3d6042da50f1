"""Every file of a month says the same: what the month holds, figure for figure, and nothing that a name made of it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from scorecard.core import fmt
from scorecard.core.frozen import Signature
from scorecard.metrics import MeasureView
from scorecard.output import html_pack, pack, pdf
from scorecard.output.pack import Pack
from scorecard.reviews.model import Month, Told
from tests import packs

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "<img src=http://evil.example/x onerror=alert(1)>",
    '![x](http://evil.example/x) #link("http://evil.example")[y] $1^2$ */ `',
    "+1-2@SUM(A1) </script><script>alert(1)</script>",
)


@pytest.fixture(scope="session")
def october(company, tmp_path_factory: pytest.TempPathFactory) -> Month:
    store = packs.open_company(company, tmp_path_factory.mktemp("packs"))
    month = packs.sign_october(store)
    store.close()
    return month


@pytest.fixture(scope="session")
def made(october) -> Pack:
    return pack.build(october)


def hostile(month: Month) -> Month:
    """The month with names and texts that try to become a formula, a tag or a command."""
    first, second, third, fourth = HOSTILE
    view, pages = month.view, list(month.measures)
    rename = replace(view.rows[0].measure, label=first, description=third, owner=second)
    row = replace(view.rows[0], measure=rename)
    pages[0] = replace(pages[0], row=replace(pages[0].row, measure=rename), notices=(fourth,))
    assert pages[0].row.measure.name == row.measure.name and not pages[0].segment
    action = replace(month.items[0].actions[0], title=first, owner_name=second)
    items = packs.with_items(month, row=row, discussion=fourth, title=first, why=second, actions=(action,))
    return replace(
        month,
        organisation=third,
        scorecards=(replace(view, name=second, results=(row, *view.results[1:])),),
        measures=tuple(pages),
        items=items,
        actions=(Told(action, None),),
        commentary=f"{first}\n\n{second} {third}",
        beside=(replace(month.beside[0], text=first, author=second),),
    )


class Text(HTMLParser):
    """The text of a page, its tags and the addresses in it."""

    def __init__(self, source: str):
        super().__init__()
        self.parts: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action", "data") and value]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.parts.append(data)

    @property
    def text(self) -> str:
        return squeezed(" ".join(self.parts))


def squeezed(text: str) -> str:
    """The text without its line ends and repeated spaces."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u00ad", ""))


def wholes(month: Month) -> list[MeasureView]:
    """The measures' pages of all segments together."""
    return [view for view in month.measures if not view.segment]


def every_figure(month: Month) -> list[str]:
    """The figures of a month as they are read, put into words here from its numbers."""
    found = []
    for row in month.view.rows:
        point = row.chart.points[-1]
        found += [fmt.value(row.value, row.measure), fmt.goal(row.reading.goal.value, row.measure)]
        found += [
            fmt.value(limit, row.measure) for limit in (point.centre, point.lower, point.upper) if limit is not None
        ]
    for view in wholes(month):
        found += [fmt.value(part.value, view.row.measure) for part in view.segments]
        for point in view.row.chart.points[-12:]:
            found.append(fmt.value(point.value, view.row.measure).removesuffix("%").removeprefix("$"))
    return found


def every_word(month: Month) -> list[str]:
    """What people wrote and decided, and what was read."""
    found = [row.measure.label for row in month.view.rows] + [row.measure.description for row in month.view.rows]
    found += [item.discussion for item in month.items] + [item.settle for item in month.items]
    found += [sentence.rest for sentence in month.view.sentences] + month.commentary.split("\n\n")
    done = [action for item in month.items for action in item.actions]
    return [*found, *(a.title for a in done), *(a.owner_name for a in done), month.signature.short]


# --- the model -------------------------------------------------------------------------------------------------------


def test_the_pack_has_a_topic_for_each_measure_of_the_scorecard(october, made):
    assert [topic.line.label for topic in made.topics] == [row.measure.label for row in october.view.rows]
    assert [line.value for line in made.lines] == [row.value_text for row in october.view.rows]


def test_a_topic_carries_what_was_decided_about_it(october, made):
    decided = {topic.line.row.measure.name: topic.decided for topic in made.topics if topic.decided}
    assert set(decided) == {item.measure for item in october.items}
    assert decided["renewal_rate"].decision == "Find the cause" and decided["renewal_rate"].said.startswith(packs.SAID)
    assert decided["renewal_rate"].actions == (
        "Price talk 90 days before the renewal. Amara Osei, 12 Dec 2026. Expected: +1.5 points by 30 Apr 2027.",
    )


def test_a_signed_pack_says_who_signed_and_carries_fingerprint_and_audit(october):
    print_of, audit = "67d211850aabf5f2" + "0" * 48, "8855233a" + "0" * 56
    signed = Signature("Rana Amari", "rana", "leader", datetime(2026, 11, 12, 14, 2), print_of, audit)
    made = pack.build(replace(october, signature=signed))
    assert made.second == "Signed by Rana Amari, leader, 12 November 2026, 14:02 UTC"
    assert made.mark == "Fingerprint 67d2 1185 0aab f5f2 · audit 8855 233a"


def test_a_pack_that_nobody_signed_says_so_on_every_page(october):
    open_month = pack.build(replace(october, signature=None))
    assert open_month.mark == pack.NOT_SIGNED and open_month.second.startswith(pack.NOT_SIGNED)


def test_a_copy_that_does_not_give_its_fingerprint_is_not_to_be_relied_on(october):
    broken = pack.build(replace(october, signature=replace(october.signature, matches=False)))
    assert "do not rely on this copy" in broken.notices[0]


def test_counts_beside_one_another_have_one_unit():
    assert pack.count_texts([959_340.0, 1_018_000.0, None]) == ["959k", "1,018k", "–"]
    assert pack.count_texts([94.0, 104.0]) == ["94", "104"]


# --- HTML ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def html_file(october) -> str:
    return html_pack.page(october)


def test_the_html_says_every_figure_and_word_of_the_month(october, html_file):
    text = Text(html_file).text
    assert [one for one in every_figure(october) + every_word(october) if squeezed(one) not in text] == []


def test_the_html_asks_nobody_for_anything(html_file):
    page = Text(html_file)
    assert page.tags.isdisjoint({"script", "link", "iframe", "img", "object", "embed", "form"})
    assert [address for address in page.addresses if not address.startswith("#")] == [] and not page.handlers
    assert set(re.findall(r"url\(([^)]{0,22})", html_file)) == {"data:font/woff2;base64"}


def test_each_drawing_of_the_html_has_words_for_who_does_not_see_it(made, html_file):
    for topic in made.topics:
        assert f'aria-label="{html_pack.escape(topic.plot.alt)}"' in html_file
    assert re.findall(r"<svg(?![^>]*aria-)[^>]*>", html_file) == []


# --- PDF -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pdf_file(october) -> bytes:
    return pdf.document(october)


@pytest.fixture(scope="session")
def pages(pdf_file) -> list[str]:
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf_file)).pages]


def test_the_text_of_the_pdf_can_be_selected_and_says_every_figure_and_word(october, pages):
    text = " ".join(pages)
    assert [one for one in every_figure(october) + every_word(october) if squeezed(one) not in text] == []


def test_each_measure_has_a_page_of_the_pdf_with_its_figures(october, pages):
    for view in wholes(october):
        page = next(page for page in pages[2:] if f" {view.row.measure.label} " in page[:200])
        point = view.row.chart.points[-1]
        words = [fmt.value(x, view.row.measure) for x in (point.centre, point.upper) if x is not None]
        assert [one for one in words if one not in page] == []


def test_the_footer_of_every_page_of_a_signed_pdf_has_the_fingerprint(october, pages):
    assert all(f"Fingerprint {october.signature.short}" in page for page in pages)
    assert f"audit {october.signature.audit[:4]} {october.signature.audit[4:8]}" in pages[0]
    assert [f"{n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)


def elements(node, kind: str) -> list:
    """The elements of a kind in the tree of tags below a node."""
    found, stack = [], [node.get_object()]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack += [part.get_object() for part in one]
        elif isinstance(one, dict):
            found += [one] if one.get("/S") == kind else []
            stack += [one["/K"].get_object()] if "/K" in one else []
    return found


def test_the_pdf_is_tagged_in_its_language_with_words_for_each_drawing(october, made, pdf_file):
    reader = PdfReader(io.BytesIO(pdf_file))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"] and reader.metadata.title.startswith(made.title)
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    tree = root["/StructTreeRoot"]
    told = [figure.get("/Alt", "") for figure in elements(tree, "/Figure")]
    assert all(told) and {topic.plot.alt for topic in made.topics} <= set(told)
    assert len(elements(tree, "/H1")) == len(made.topics) + 3 and len(elements(tree, "/TH")) > 20


def test_the_fonts_are_in_the_pdf(pdf_file):
    fonts = {}
    for page in PdfReader(io.BytesIO(pdf_file)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[str(below["/BaseFont"])] = below["/FontDescriptor"].get_object()
    assert {name.split("+")[1] for name in fonts} == {"Inter-Regular", "Inter-SemiBold"}
    assert all(described.keys() & {"/FontFile2", "/FontFile3"} for described in fonts.values())


@pytest.mark.parametrize("name", ["顧客成功 株式会社", "Ελλάδα Москва", "🚀 \U0010ffff \ue000"])
def test_letters_that_our_fonts_lack_do_not_stop_the_pdf(october, name):
    file = pdf.document(replace(october, organisation=name, measures=october.measures[:1], items=(), actions=()))
    assert PdfReader(io.BytesIO(file)).trailer["/Root"]["/MarkInfo"]["/Marked"]


# --- JSON and CSV ----------------------------------------------------------------------------------------------------


def test_the_json_holds_every_figure_in_full_precision(october):
    body = json.loads(pack.as_json(october))
    assert [one["value"] for one in body["measures"]] == [row.value for row in october.view.rows]
    for page, view in zip(body["measure_pages"], wholes(october), strict=True):
        assert [p["value"] for p in page["points"]] == [p.value for p in view.row.chart.points]
        assert [s["value"] for s in page["segments"]] == [s.value for s in view.segments]
    assert body["signature"]["fingerprint"] == october.signature.fingerprint
    assert [item["decision"] for item in body["agenda"]] == [item.decision for item in october.items]
    assert body["actions"][0]["effect"] == 0.015 and body["commentary"] == october.commentary


def test_the_csv_has_a_line_a_measure_with_its_decision(october):
    rows = list(csv.DictReader(io.StringIO(pack.as_csv(october))))
    assert [float(row["value"]) for row in rows] == [row.value for row in october.view.rows]
    decided = {item.measure: item.decision for item in october.items}
    assert [row["decision"] for row in rows] == [decided.get(row.measure.name, "") for row in october.view.rows]
    assert {row["fingerprint"] for row in rows} == {october.signature.fingerprint}


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build", [html_pack.page, pack.as_json, pack.as_csv, pdf.document], ids=["html", "json", "csv", "pdf"]
)
def test_the_same_month_gives_the_same_bytes(october, build):
    assert build(october) == build(october)


def test_names_become_neither_tags_nor_addresses_in_the_html(october):
    page = Text(html_pack.page(hostile(october)))
    assert page.tags.isdisjoint({"script", "img"}) and not page.handlers
    assert [address for address in page.addresses if "evil" in address] == []
    assert HOSTILE[1] in page.text


def test_names_become_no_formula_in_the_csv(october):
    rows = list(csv.reader(io.StringIO(pack.as_csv(hostile(october)))))
    cells = [cell for row in rows for cell in row]
    assert "'" + HOSTILE[0] in cells and HOSTILE[0] not in cells


def test_names_become_no_markup_of_the_pdf(october):
    reader = PdfReader(io.BytesIO(pdf.document(hostile(october))))
    text = "".join(squeezed(page.extract_text()) for page in reader.pages).replace(" ", "")
    assert [one for one in HOSTILE if one.replace(" ", "") not in text] == []
    assert [page for page in reader.pages if "/Annots" in page] == []
