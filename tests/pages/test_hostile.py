"""The sample company with a hostile string in every text column of both stores: its pages and its files, read as they leave the server.

tests/browser/test_hostile.py looks at the same store in a real browser.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest

from scorecard import places
from scorecard.ui import block, downloads
from tests import hostile, stores
from tests.endurance import in_full
from tests.pages.conftest import close_stores_in, visit

FIRST = ("people", "sensory?view=rules", "scorecard", "settings?tab=links", "metrics", "review")
# A tenth of the pages would cost 10 s of CPU.
MOST = 60 if in_full() else 3
# Of what Streamlit is sent, these are read as they are: nothing comes of what stands in them.
PLAIN = {"Selectbox.options", "Selectbox.raw_value", "MultiSelect.options", "MultiSelect.raw_values", "TextInput.default", "TextArea.default", "TextInput.placeholder",
         "TextArea.placeholder", "Code.code_text", "Text.body", "TextInput.value", "TextArea.value", "Selectbox.placeholder", "PlotlyChart.alt"}  # fmt: skip
DRAWN = {"Html.body", "BidiComponent.json", "Markdown.html"}


@dataclass
class Seen:
    """What the pages showed, and the files that they offered: name -> content."""

    pages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def spoilt(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the hostile store, made once for all processes."""
    return stores.once(tmp_path_factory, "spoilt", lambda folder: hostile.make(company, folder))


@pytest.fixture(scope="module")
def seen(spoilt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Page after page as a leader sees them, along their own links."""
    folder, found = stores.copied(spoilt, tmp_path_factory.mktemp("hostile") / "files"), Seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.STATE, str(folder / "state.duckdb"))
        patch.setenv(places.FACTS, str(folder / "facts.duckdb"))
        patch.setattr(downloads, "button", taking(downloads.button, found))
        waiting, known = [*FIRST, *block.PAGES], {hostile.key(one) for one in (*FIRST, *block.PAGES)}
        while waiting and len(found.pages) < MOST:
            links = [link for link in look(waiting.pop(0), found) if hostile.key(link) not in known]
            waiting += {hostile.key(link): link for link in links}.values()
            known |= {hostile.key(link) for link in links}
        yield found
    close_stores_in(folder)


def taking(button: Callable[..., None], found: Seen) -> Callable[..., None]:
    """The button of a file, whose file is built at once."""
    offered: set[str] = set()

    def taken(label: str, build: Callable[[], str | bytes], name: str, **look: Any) -> None:
        button(label, build, name, **look)
        if name not in offered:
            offered.add(name)
            content = build()
            made = content.encode() if isinstance(content, str) else content
            found.files[downloads.named(name, made)] = made

    return taken


def look(address: str, found: Seen) -> list[str]:
    """The links to pages on the page of an address; what it shows is noted."""
    parts = urlsplit(address)
    at = visit(parts.path, "leader", **dict(parse_qsl(parts.query)))
    found.pages.append(address)
    found.faults += [f"{address}: {one.message}" for one in at.exception] + [f"{address}: {one.value}" for one in at.error]
    texts = list(sent(at._tree))
    found.marked += [f"{address}: {where}: {text}" for where, text in texts if where not in PLAIN | DRAWN and hostile.MARKED.search(text)]
    drawn = [drawn_in(where, text) for where, text in texts if where in DRAWN]
    found.elements += [f"{address}: {element}" for page in drawn for element in hostile.elements(page)]
    links = [link for page in drawn for link in re.findall(r'href="([\w/]+(?:\?[^"]*)?)"', page)]
    return [link.replace("&amp;", "&") for link in links if urlsplit(link).path in block.PAGES]


def drawn_in(where: str, text: str) -> str:
    return str(json.loads(text).get("html", "")) if where == "BidiComponent.json" else text


def sent(node: Any) -> Iterator[tuple[str, str]]:
    """(kind and field, text) of everything on a page."""
    proto = getattr(node, "proto", None)
    if hasattr(proto, "ListFields"):
        yield from words(proto)
    for child in getattr(node, "children", {}).values():
        yield from sent(child)


def words(message: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    for descriptor, value in message.ListFields():
        kind_here = kind or type(message).__name__
        for one in (value.values() if hasattr(value, "values") else [value] if isinstance(value, str) or hasattr(value, "ListFields") else value if hasattr(value, "__len__") else ()):
            if hasattr(one, "ListFields"):
                yield from words(one, kind_here)
            elif isinstance(one, str) and descriptor.name not in ("id", "element_id", "key", "component_name"):
                yield f"{kind_here}.{descriptor.name}", one


def test_every_column_of_text_is_hostile_or_named_as_made_by_the_product(spoilt):
    missed = []
    for name in stores.FILES:
        with duckdb.connect(spoilt / name, read_only=True) as database:
            for table, column in hostile.columns(database):
                rows = database.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> \'\' LIMIT 200').fetchall()
                plain = rows and not any(re.search(r"hx|evil", text) for (text,) in rows)
                missed += [f"{table}.{column}: {rows[0][0][:40]}"] if plain and not hostile.is_left(table, column) else []
    assert not missed


@pytest.mark.endurance
def test_hostile_texts_break_no_page(seen):
    assert len(seen.pages) >= MOST and not seen.faults


@pytest.mark.endurance
def test_no_hostile_text_becomes_markdown(seen):
    assert not seen.marked


@pytest.mark.endurance
def test_no_hostile_text_becomes_an_element_of_a_page(seen):
    assert not seen.elements


@pytest.mark.endurance
def test_no_file_holds_a_formula_a_link_or_an_element_of_a_hostile_text(seen):
    assert len(seen.files) > (90 if in_full() else 9)
    assert {name: found[:3] for name, content in seen.files.items() if (found := hostile.formulas(name, content))} == {}


@pytest.mark.endurance
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed (soffice)")
@pytest.mark.skipif(not in_full(), reason="LibreOffice reads the files in a full run of endurance")
def test_libreoffice_evaluates_no_formula_of_any_file(seen, tmp_path):
    sheets = {name: content for name, content in seen.files.items() if name.endswith((".csv", ".xlsx"))}
    sheets["control.csv"] = b'a,b\n=1+1,"=HYPERLINK(""http://evil.invalid"",""x"")"\n'
    for name, content in sheets.items():
        (tmp_path / name).write_bytes(content)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path / 'home'}", "--headless", "--convert-to", "fods", "--outdir", str(tmp_path / "read"),
                    *(str(tmp_path / name) for name in sheets)], check=True, capture_output=True, timeout=580)  # fmt: skip
    read = {path.stem: path.read_text("utf-8") for path in (tmp_path / "read").iterdir()}
    assert set(read) == {name.rpartition(".")[0] for name in sheets}
    assert [name for name, text in read.items() if "table:formula" in text] == ["control"], "only the control is evaluated"
    assert not [name for name, text in read.items() if re.search(r'xlink:href="(?!#)', text) and name != "control"]
