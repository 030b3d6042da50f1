"""Every file of a month says the same: what the month holds, figure for figure, and nothing that a name made of it."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from pptx import Presentation
from pypdf import PdfReader

from scorecard import maturity, organisation, reviews, shared
from scorecard.core import fmt
from scorecard.core.frozen import Signature
from scorecard.errors import ScorecardError
from scorecard.metrics import MeasureView
from scorecard.output import html_pack, pack, pack_files, pack_maturity, pdf, slides, workbook
from scorecard.output.pack import Pack
from scorecard.reviews.model import MaturitySystem, Month, Told
from tests import packs, stores
from tests.conftest import make_actor
from tests.scorecards import load, make_definition, make_scorecard, monthly

IMPRESS = Path(shutil.which("soffice") or "soffice").resolve().parent / "libsdlo.so"

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "<img src=http://evil.example/x onerror=alert(1)>",
    '![x](http://evil.example/x) #link("http://evil.example")[y] $1^2$ */ `',
    "+1-2@SUM(A1) </script><script>alert(1)</script>",
)


@pytest.fixture(scope="session")
def signed(company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Month]:
    """The folder of a store in which October is signed, and the month."""
    folder = tmp_path_factory.mktemp("packs")
    store = packs.open_company(company, folder)
    month = packs.sign_october(store)
    store.close()
    return folder, month


@pytest.fixture(scope="session")
def october(signed) -> Month:
    return signed[1]


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


def test_the_html_has_fingerprint_and_head_of_the_audit_at_its_foot(made, html_file):
    foot = f'<footer class="pk-foot"><span>{html_pack.escape(made.mark)}</span>'
    assert "· audit " in made.mark and html_file.count(foot) == html_file.count('class="pk-foot"') > 0


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
        page = next(page for page in pages if f"owner {view.row.measure.owner} {view.row.measure.label} " in page[:200])
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
    assert len(elements(tree, "/H1")) == len(made.topics) + 4 and len(elements(tree, "/TH")) > 20


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


def test_a_pdf_that_cannot_be_laid_out_is_told_in_words(october, monkeypatch, tmp_path):
    (tmp_path / "broken.typ").write_text("#nothing(")
    monkeypatch.setattr(pdf, "TEMPLATE", tmp_path / "broken.typ")
    with pytest.raises(ScorecardError, match="could not be laid out; the log says why. Take the HTML file instead."):
        pdf.document(october)


# --- Excel -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def xlsx_file(october) -> bytes:
    return workbook.book(october)


@pytest.fixture(scope="session")
def sheets(xlsx_file) -> dict[str, list[dict]]:
    return read_sheets(xlsx_file)


def opened_book(file: bytes) -> openpyxl.Workbook:
    """The workbook as openpyxl reads it, which knows no sparklines."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparkline Group extension is not supported")
        return openpyxl.load_workbook(io.BytesIO(file))


def read_sheets(file: bytes) -> dict[str, list[dict]]:
    """Each sheet as rows by head."""
    found = {}
    for sheet in opened_book(file).worksheets:
        heads, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(heads, row, strict=True)) for row in rows]
    return found


def unlike(found: Iterable[float | None], wanted: Iterable[float | None]) -> list[tuple]:
    """The pairs of numbers that differ by more than the digits that Excel drops, the sixteenth and later."""
    pairs = list(zip(found, wanted, strict=True))
    return [
        (a, b)
        for a, b in pairs
        if (a is None) != (b is None) or a is not None and not math.isclose(a, b, rel_tol=1e-14)
    ]


def test_the_workbook_holds_every_figure_as_a_number(october, sheets):
    rows = october.view.rows
    assert not unlike((one["Figure"] for one in sheets["Scorecard"]), (row.value for row in rows))
    assert [one["Goal"] for one in sheets["Scorecard"]] == [row.reading.goal.value for row in rows]
    points = [(view, point) for view in wholes(october) for point in view.row.chart.points]
    for head, name in (("Value", "value"), ("Numerator", "numerator"), ("Lower limit", "lower"), ("Centre", "centre")):
        assert not unlike((one[head] for one in sheets["Values"]), (getattr(point, name) for _, point in points))
    parts = [part for view in wholes(october) for part in view.segments]
    assert not unlike((one["Figure"] for one in sheets["Segments"]), (part.value for part in parts))


def test_the_workbook_holds_limits_goals_actions_and_definitions(october, sheets):
    phases = [phase for view in wholes(october) for phase in view.row.chart.phases]
    assert not unlike((one["Upper limit"] for one in sheets["Limits"]), (phase.upper for phase in phases))
    assert [one["Goal"] for one in sheets["Goals"]] == [goal.value for view in wholes(october) for goal in view.goals]
    action = october.items[0].actions[0]
    written = [(one["Action"], one["Due"].date(), one["Effect"]) for one in sheets["Actions"][:1]]
    assert written == [(action.title, action.due, action.effect)]
    definitions = [one["Definition"] for one in sheets["Definitions"]]
    assert definitions == [row.measure.description for row in october.view.rows]
    assert [one["Decision"] for one in sheets["Decisions"]] == [
        pack.DECISIONS[item.decision][0] for item in october.items
    ]


def test_the_workbook_carries_fingerprint_audit_and_words_for_each_sparkline(october, made, sheets):
    about = {one["What"]: one["Definition"] for one in sheets["About"]}
    assert about["Fingerprint (SHA-256)"] == october.signature.fingerprint
    assert about["Head of the audit"] == october.signature.audit
    assert [one["In words"] for one in sheets["Scorecard"]] == [line.alt for line in made.lines]


def test_each_measure_has_a_native_sparkline_over_its_own_values(october, xlsx_file, sheets):
    text = zipfile.ZipFile(io.BytesIO(xlsx_file)).read("xl/worksheets/sheet1.xml").decode()
    spans = re.findall(r"Values!C(\d+):C(\d+)", text)
    assert len(spans) == len(october.view.rows)
    labels = {row.measure.label for row in october.view.rows}
    for first, last in spans:
        own = {sheets["Values"][n - 2]["Measure"] for n in range(int(first), int(last) + 1)}
        assert len(own) == 1 and int(last) - int(first) == workbook.SPARK_PERIODS - 1
        labels -= own
    assert not labels


def test_names_become_no_formula_and_no_link_in_the_workbook(october):
    file = workbook.book(hostile(october))
    book = opened_book(file)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"} and not [cell for cell in cells if cell.hyperlink]
    assert HOSTILE[0] in [cell.value for cell in cells]
    inside = zipfile.ZipFile(io.BytesIO(file))
    assert [name for name in inside.namelist() if name.endswith(".xml") and b"<f>" in inside.read(name)] == []


# --- PowerPoint ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pptx_file(october) -> bytes:
    return slides.deck(october)


@pytest.fixture(scope="session")
def deck(pptx_file):
    return Presentation(io.BytesIO(pptx_file))


def texts_of(slide) -> str:
    """What stands on a slide, in its text boxes and tables."""
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    found += [cell.text for shape in slide.shapes if shape.has_table for cell in shape.table.iter_cells()]
    return squeezed(" ".join(found))


def charts_of(slide) -> list:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def topics_of(deck, month: Month) -> dict:
    """Measure -> the slide of its topic, which follow the cover and the scorecard."""
    return {item.measure: deck.slides[n] for n, item in enumerate(month.items, 2) if item.measure}


def test_the_deck_has_a_slide_a_topic(october, deck):
    titles = [slide.shapes.title.text for slide in deck.slides]
    topics = [item.title for item in october.items]
    assert titles[:2] == ["Monthly review, October 2026", "Scorecard, October 2026"]
    assert titles[2 : 2 + len(topics)] == topics
    rest = dict.fromkeys(title.partition(",")[0] for title in titles[2 + len(topics) :])
    assert list(rest) == ["Decisions", "Actions", "Added after signing", "Maturity of the seven systems", "Most disagreement",
                          "Biggest gaps to target", "What the marks mean"]


def test_the_deck_says_the_figures_goals_and_words_of_the_month(october, deck):
    text = " ".join(map(texts_of, deck.slides))
    wanted = [fmt.value(row.value, row.measure) for row in october.view.rows]
    wanted += [fmt.goal(row.reading.goal.value, row.measure) for row in october.view.rows]
    wanted += [item.discussion for item in october.items] + [sentence.rest for sentence in october.view.sentences]
    for item in october.items:
        point = item.row.chart.points[-1]
        wanted += [fmt.value(limit, item.row.measure) for limit in (point.centre, point.lower, point.upper)]
    assert [one for one in wanted if squeezed(one) not in text] == []
    assert all(squeezed(pack.build(october).mark) in squeezed(texts_of(slide)) for slide in deck.slides)


def test_the_charts_of_the_deck_are_native_and_hold_every_figure(october, deck):
    for measure, slide in topics_of(deck, october).items():
        view = next(view for view in wholes(october) if view.row.measure.name == measure)
        points = view.row.chart.points[-24:]
        values, ranges = charts_of(slide)
        assert joined(values, "Figure") == [point.value for point in points]
        assert joined(values, "Upper limit") == [point.upper for point in points]
        assert joined(values, "Centre") == [point.centre for point in points]
        scale = 100 if view.row.measure.is_share else 1
        assert joined(ranges, "Moving range") == [None if p.range is None else p.range * scale for p in points]


def test_no_line_of_a_chart_crosses_a_process_change_and_the_slide_names_it(october):
    row = next(row for row in october.view.rows if row.measure.name == "adoption_30d")
    item = replace(october.items[0], measure=row.measure.name, title=row.measure.label, row=row, actions=())
    slide = Presentation(io.BytesIO(slides.deck(replace(october, items=(item,))))).slides[2]
    figures = [one for one in charts_of(slide)[0].plots[0].series if one.name.startswith("Figure")]
    assert [one.name for one in figures] == ["Figure", "Figure from Feb 2026"]
    assert [sum(value is not None for value in one.values) for one in figures] == [15, 9]
    assert "new limits from February 2026." in texts_of(slide)


def joined(chart, name: str) -> list[float | None]:
    """The values of a line that was cut into stretches."""
    parts = [series.values for series in chart.plots[0].series if series.name.split(" from ")[0] == name]
    return [next((value for value in values if value is not None), None) for values in zip(*parts, strict=True)]


def test_the_sheet_behind_a_chart_of_the_deck_can_be_edited(october, deck):
    slide = topics_of(deck, october)["renewal_rate"]
    behind = openpyxl.load_workbook(io.BytesIO(charts_of(slide)[0].part.chart_workbook.xlsx_part.blob)).active
    heads = [cell.value for cell in behind[1]]
    kept = [row[heads.index("Figure")] for row in behind.iter_rows(min_row=2, values_only=True)]
    view = next(view for view in wholes(october) if view.row.measure.name == "renewal_rate")
    assert not unlike((kept), (point.value for point in view.row.chart.points[-24:]))


def test_each_drawing_of_the_deck_has_words_and_each_slide_has_notes(october, made, deck):
    for slide in deck.slides:
        drawn = [shape for shape in slide.shapes if shape.has_chart or shape.has_table]
        assert all(shape._element.xpath(".//p:cNvPr")[0].get("descr") for shape in drawn)
        assert slide.has_notes_slide and slide.shapes.title.text
    for measure, slide in topics_of(deck, october).items():
        notes = slide.notes_slide.notes_text_frame.text
        topic = made.topic_of[measure]
        assert f"Definition: {topic.definition}" in notes and topic.limits in notes and topic.plot.alt in notes


def test_names_become_no_formula_in_the_sheets_behind_the_deck(october):
    content = slides.deck(hostile(october))
    file = zipfile.ZipFile(io.BytesIO(content))
    behind = [zipfile.ZipFile(io.BytesIO(file.read(name))) for name in file.namelist() if name.endswith(".xlsx")]
    assert behind and not [
        name for book in behind for name in book.namelist() if name.endswith(".xml") and b"<f>" in book.read(name)
    ]
    assert not [name for name in file.namelist() if name.endswith(".rels") and b"evil" in file.read(name)]
    text = " ".join(texts_of(slide) for slide in Presentation(io.BytesIO(content)).slides)
    assert HOSTILE[0] in text and squeezed(HOSTILE[1]) in text


@pytest.mark.skipif(not IMPRESS.exists(), reason="LibreOffice Impress is not installed")
def test_libreoffice_opens_the_deck(pptx_file, deck, tmp_path):
    (tmp_path / "pack.pptx").write_bytes(pptx_file)
    home = f"-env:UserInstallation=file://{tmp_path / 'home'}"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "pack.pptx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    pages = PdfReader(tmp_path / "pack.pdf").pages
    assert len(pages) == len(deck.slides)
    assert all(
        squeezed(slide.shapes.title.text) in squeezed(page.extract_text())
        for slide, page in zip(deck.slides, pages, strict=True)
    )


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
    ("build", "before"),
    [(html_pack.page, "html_file"), (pack.as_json, ""), (pack.as_csv, ""), (pdf.document, "pdf_file"), (slides.deck, "pptx_file"),
     (workbook.book, "xlsx_file")],
    ids=["html", "json", "csv", "pdf", "pptx", "xlsx"],
)
def test_the_same_month_gives_the_same_bytes(october, build, before, request):
    assert build(october) == (request.getfixturevalue(before) if before else build(october))


def test_gaps_single_points_constants_and_no_figures_go_out_in_every_format(store):
    organisation.first_start(store)
    names = ("few", "none_yet", "constant", "one", "gap")
    units = {"constant": "count", "one": "money", "gap": "days"}
    make_scorecard(store, *(make_definition(name, unit=units.get(name, "percent")) for name in names))
    figures = {
        ("few", ""): monthly([0.9, 0.91, 0.92], packs.OCTOBER.shift(-2)),
        ("constant", ""): monthly([5] * 30, packs.OCTOBER.shift(-29)),
        ("one", ""): {packs.OCTOBER: 1234.5},
        ("gap", ""): monthly([3, None, 4, 5, None, 6, 7, 8, 9, -10.5, 11, 12, 13], packs.OCTOBER.shift(-12)),
        ("gap", "EU"): {packs.OCTOBER: 1e9},
    }
    load(store, figures, date(2026, 11, 2))
    for period in (packs.OCTOBER, packs.OCTOBER.shift(-80)):
        month = reviews.month(store, packs.CARD, period, date(2026, 11, 12))
        assert [kind for kind, one in pack_files.FORMATS.items() if not one.build(month)] == []


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


# --- maturity --------------------------------------------------------------------------------------------------------


def test_every_format_has_the_newest_cycle_closed_by_the_end_of_the_month(october, made):
    told = october.maturity
    assert (told.title, told.answered, told.asked, len(told.systems)) == ("September 2026", 13, 15, 7)
    sentence = told.sentences[0].text
    assert sentence.startswith("Work rose most:") and sentence in Text(html_pack.page(october)).text
    assert json.loads(pack.as_json(october))["maturity"]["sentences"][0] == sentence
    pages = PdfReader(io.BytesIO(pdf.document(october))).pages
    (page,) = [text for one in pages if (text := one.extract_text()) and pack_maturity.TITLE in text]
    assert "E4 Statistics in context" in page and "neither they nor the rest are shown apart" in page
    deck = Presentation(io.BytesIO(slides.deck(october)))
    (slide,) = [one for one in deck.slides if one.shapes.title.text.startswith(pack_maturity.TITLE)]
    assert sum(len(shape.table.rows) for shape in slide.shapes if shape.has_table) == 8
    rows = list(opened_book(workbook.book(october))["Maturity"].values)
    assert [row[2] for row in rows[1:8]] == pytest.approx([one.now for one in told.systems]) and rows[4][0] == "Work"


def test_a_month_without_a_closed_cycle_has_no_page_about_maturity(october):
    without = replace(october, maturity=None)
    assert pack_maturity.TITLE not in html_pack.page(without) and json.loads(pack.as_json(without))["maturity"] is None
    assert "Maturity" not in opened_book(workbook.book(without)).sheetnames
    assert not any(pack_maturity.TITLE in one.shapes.title.text for one in Presentation(io.BytesIO(slides.deck(without))).slides)


def test_what_is_hidden_of_a_cycle_is_hidden_in_the_pack(october):
    nothing = MaturitySystem("Work", None, None, None, None, None, 4.0, 0, True)
    told = replace(october.maturity, systems=(nothing,), talk=(), gaps=(), sentences=(), percent=None)
    page = Text(html_pack._maturity(pack_maturity.build(told))).text
    assert page.count(pack_maturity.HIDDEN) == 3 and "of the way" not in page


def test_a_signed_month_keeps_its_cycle_and_a_shared_one_has_none(october, signed, tmp_path):
    store = stores.opened(stores.copied(signed[0], tmp_path / "signed"))
    leader = make_actor("leader", "rana-amari")
    with store.read() as tx:
        open_one = next(one for one in maturity.cycles(tx) if one.open)
    maturity.close(store, leader, open_one.id)
    assert reviews.month(store, packs.CARD, packs.OCTOBER, date(2026, 11, 30)).maturity == october.maturity
    live = reviews.month(store, packs.CARD, packs.OCTOBER.shift(30), date(2026, 11, 30)).maturity
    assert live.cycle == open_one.id
    store.close()
    assert shared.for_others(october).maturity is None
