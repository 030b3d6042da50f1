"""A store in which every text that somebody brought or wrote is hostile, and what to look for where it comes out.

One value becomes the same hostile value wherever it stands, so that what belongs together still does, and a page that
draws the sample company draws the hostile one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pandas

from scorecard.core.frozen import fingerprint
from scorecard.store import audit
from tests import stores

# Before a value: what a spreadsheet would run. After it: what a browser, Markdown, a chart, a stylesheet or a template would.
FORMULAS = ('=HYPERLINK("http://evil.invalid/f","x")&', "=1+1+", "+1+1+", "-1+1-", "@SUM(1,1)+", "\t=1+1+", "＝1+1+", " =1+1+", "'=1+1+", "")
CODES = (
    '"><img data-hx src=http://evil.invalid/1 onerror="__hx()">',
    "'><svg data-hx onload=__hx()></svg><script data-hx>__hx()</script>",
    "![x](http://evil.invalid/2) [x](javascript:__hx()) <http://evil.invalid/3> **hxbold** `hxcode`",
    "</style></script></title></textarea></svg>--><iframe data-hx src=http://evil.invalid/4></iframe>",
    "{{constructor}} ${__hx()} :material/hx: :red[hx] $\\href{http://evil.invalid/5}{x}$ :rainbow-badge[hx]",
    '<a data-hx href="http://evil.invalid/6">x</a><style data-hx>@import "http://evil.invalid/7";</style> http://evil.invalid/8 www.evil.invalid',
    "\u202e\u2066' onmouseover='__hx()' data-hx x=\"` --> ]]> %{x} \\\\ &lt;img data-hx&gt; &#60;img data-hx&#62; url(http://evil.invalid/9)",
    "| a | b |\n|---|---|\n| x | y |\n\n# hx\n\n- hx\n\n> hx <b data-hx>hx</b> hx@evil.invalid",
)  # fmt: skip
# The same for a text that the product keeps short, such as the label of a measure.
BRIEF = ('"><b data-hx>', "'><hx-a onclick=__hx()>", "![x](//evil.invalid)", "**hxbold** $x$", "<b/data-hx>:red[hx]")
SHORT = {"label": 30, "currency": 0, "short": 20}

# What the product or its vocabulary makes: no text of this kind comes from outside. By column, or by table and column.
WORDS = "a word of the product's own list, checked when it is written"
MADE = "an id, a hash, figures or a marker that the product makes"
LEFT = {
    **dict.fromkeys(("kind", "state", "grain", "role", "way", "mode", "step", "week_start", "rule_set", "time_zone", "review_day", "cadence", "stage", "phase",
                     "status", "severity", "channel", "event", "milestone", "question", "about", "field", "register", "into_measure", "practice", "part", "item",
                     "project.outcome", "arrival.outcome", "source_row.outcome", "review_item.decision", "review_item.settle", "health_recorded.kinds", "audience",
                     "maturity_cycle.systems", "limits.excluded", "limits.method", "maturity_draft.met", "calendar_entry.begins", "review.begins", "audit.action",
                     "definition.source", "experiment_unit.arm", "begins", "organisation.currency", "shows"), WORDS),
    **dict.fromkeys(("id", "hash", "previous_hash", "sha256", "token_hash", "fingerprint", "baseline_hash", "salt", "load", "person", "measure", "scorecard",
                     "parent", "cycle", "session", "round", "rater", "voter", "owner", "leader", "chair", "hand_to", "object", "origin", "entry", "experiment",
                     "superseded_by", "last_load", "attendees", "members", "finding", "migration.name", "source", "register_value.value", "feedback_aim.step",
                     "message.channel", "person.team", "register_entry.team", "register_version.team", "arguments", "made_from", "phase.answers", "choices", "claimed_by", "experiment_look.body"), MADE),
}  # fmt: skip
HOSTILE = {"goal.source": "", "figure.team": "", "account.team": "", "cost.team": "", "account_past.team": "", "cost_past.team": "", "contact.channel": ""}
ACCOUNTS = 50
_OWN_KEYS = {"sql", "event", "facts", "method", "rule_set"}
_TEXT_IN_TOML = re.compile(r'^(\s*\w+ = )("(?:[^"\\]|\\.)* (?:[^"\\]|\\.)*")$', re.M)


@cache
def hostile(value: str) -> str:
    """The value between a formula and a piece of code; always the same for the same value."""
    at = hashlib.sha256(value.encode()).digest()
    return FORMULAS[at[0] % len(FORMULAS)] + value + " " + CODES[at[1] % len(CODES)]


def brief(value: str, key: str) -> str:
    """The value with a short piece of code, for texts that are refused when they are long."""
    at = hashlib.sha256(value.encode()).digest()
    return "=1+" + value[: SHORT[key]] + BRIEF[at[0] % len(BRIEF)] if SHORT[key] else "<hx->" + value[:3]


def columns(database: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Every column of text of a store, with its table."""
    yield from database.execute(
        """SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE data_type = 'VARCHAR' AND table_type = 'BASE TABLE' ORDER BY ALL"""
    ).fetchall()


def is_left(table: str, column: str) -> bool:
    """Whether a column holds no text from outside."""
    at = f"{table}.{column}"
    return at not in HOSTILE and (at in LEFT or column in LEFT)


# -- making it

# What the sample company has none of: a row each, so that its texts are on pages too.
MORE = """
    INSERT INTO comment VALUES ('hx1', 'review:customer-success:2026-10', 'Said here', 'Rana Amari', now()::TIMESTAMP, NULL);
    INSERT INTO commentary VALUES ('customer-success', 'month', '2026-10-01', 1, 'A quiet month', 'Rana Amari', now()::TIMESTAMP);
    INSERT INTO exclusion VALUES ('csat', '', '2026-03-01', 1, true, 'A wrong file', 'Sam Whitlock', now()::TIMESTAMP);
    INSERT INTO share VALUES ('hx2', 'none', 'scorecard', 'customer-success', '2026-10-01', 'month', 'Enterprise', 'Rana Amari', now()::TIMESTAMP, '2027-01-31', NULL, 3, now()::TIMESTAMP, false, false, 'Support room');
    INSERT INTO source VALUES ('hx3', 'Billing export', 'folder', '/data/in', 'billing*.csv', 'month', 5, 'sam-whitlock', false, '{}', '', NULL, false, 1, 'Sam Whitlock', now()::TIMESTAMP);
    INSERT INTO channel VALUES ('hx4', 'email', 'team@larkfield.example', 'signals', false, 0, 1, 'Rana Amari', now()::TIMESTAMP);
    INSERT INTO message VALUES ('hx5', 'signals:csat', 'signals', 'hx4', 'team@larkfield.example', 'A signal', 'CSAT is below its limits', 'failed', 1, 'The server refused it', now()::TIMESTAMP, NULL, NULL, 1, '[]', false);
    INSERT INTO settled_finding VALUES ('orphan_contacts', 1, true, 2, 'Known to us', 'Sam Whitlock', now()::TIMESTAMP);
    INSERT INTO job VALUES ('hx6', 'figures', '{}', 'failed', 0.5, 'The file is gone', '', 'Sam Whitlock', 'sam-whitlock', 'analyst', now()::TIMESTAMP, now()::TIMESTAMP, now()::TIMESTAMP, '', NULL, 1, '', 1);
"""

def make(company: Path, folder: Path) -> None:
    """Nothing; the folder holds the sample company with a member of each role, and is hostile."""
    stores.copied(company, folder)
    stores.add_roles(folder)
    spoil(folder)


def spoil(folder: Path) -> None:
    """Nothing; every text of the stores in a folder is hostile, the audit chain and the signed months are whole again."""
    names: set[str] = set()
    with duckdb.connect(folder / "facts.duckdb") as facts, duckdb.connect(folder / "state.duckdb") as state:
        _thin(facts)
        for row in MORE.split(";\n")[:-1]:
            state.execute(row)
        for database, only in ((facts, ("account_id", "segment", "csm", "team", "name")), (state, ("segment", "name", "author", "made_by"))):
            for table, column in columns(database):
                if column in only and not is_left(table, column):
                    names |= {value for (value,) in database.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" <> \'\'').fetchall()}
        for database in (facts, state):
            _spoil(database, frozenset(names))
        _bind(state)
    (folder / "state.duckdb.head").unlink(missing_ok=True)


def _thin(facts: duckdb.DuckDBPyConnection) -> None:
    """The facts of the first accounts only: what is drawn of them stays, and a tenth of the rows is to be changed."""
    for table, column in list(columns(facts)):
        if column == "account_id" and table != "account":
            facts.execute(f'DELETE FROM "{table}" WHERE account_id > (SELECT MAX(account_id) FROM (SELECT account_id FROM account ORDER BY 1 LIMIT {ACCOUNTS}))')


def _spoil(database: duckdb.DuckDBPyConnection, names: frozenset[str]) -> None:
    def text(value: str) -> str:
        return _in_text(value, names)

    database.create_function("spoilt", hostile, ["VARCHAR"], "VARCHAR")
    database.create_function("spoilt_inside", text, ["VARCHAR"], "VARCHAR")
    for table, column in list(columns(database)):
        if f"{table}.{column}" == "register_value.value":
            database.execute("UPDATE register_value SET value = spoilt(value) WHERE kind IN ('account', 'segment')")
        elif not is_left(table, column):
            if column in SHORT:
                database.execute(f'UPDATE "{table}" SET "{column}" = \'<hx->\' || "{column}"')
                continue
            how = "spoilt_inside" if column in ("body", "form", "before_json", "after_json", "understood", "said") else "spoilt"
            database.execute(f'UPDATE "{table}" SET "{column}" = {how}("{column}") WHERE "{column}" <> \'\'')


def _in_text(value: str, names: frozenset[str]) -> str:
    """A body of JSON or TOML whose texts are hostile; any other text is hostile as a whole."""
    try:
        found = json.loads(value)
    except ValueError:
        return _TEXT_IN_TOML.sub(lambda line: line[1] + json.dumps(hostile(json.loads(line[2])), ensure_ascii=True), value) if "\n[" in value else hostile(value)
    return json.dumps(_inside(found, names), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _inside(found: object, names: frozenset[str], key: str = "") -> object:
    if isinstance(found, dict):
        return {hostile(name) if name in names else name: _inside(value, names, name) for name, value in found.items()}
    if isinstance(found, list):
        return [_inside(value, names, key) for value in found]
    if isinstance(found, str) and key in SHORT and found:
        return brief(found, key)
    if isinstance(found, str) and (found in names or " " in found and key not in _OWN_KEYS):
        return hostile(found)
    return found


def _bind(state: duckdb.DuckDBPyConnection) -> None:
    """The fingerprints and the chain fit the texts as they are now."""
    for (body, mark) in state.execute("SELECT body, fingerprint FROM signed_month").fetchall():
        fresh = fingerprint(body)
        state.execute("UPDATE signed_month SET fingerprint = $1 WHERE fingerprint = $2", [fresh, mark])
        state.execute("UPDATE audit SET after_json = replace(after_json, $1, $2) WHERE action = 'sign_review'", [mark, fresh])
    mark = audit.Mark()
    rows = state.execute(f"SELECT {audit.COLUMNS} FROM audit ORDER BY seq").fetchall()
    bound = []
    for row in rows:
        whole = (*row[:-2], mark.hash)
        mark = audit.Mark(row[0], audit.digest(whole))
        bound.append((*whole, mark.hash))
    state.execute("DELETE FROM audit")
    fresh = pandas.DataFrame(bound, columns=audit.COLUMNS.split(", "))  # noqa: F841  DuckDB reads it by its name.
    state.execute(f"INSERT INTO audit ({audit.COLUMNS}) SELECT {audit.COLUMNS} FROM fresh")


# -- finding it again

def key(address: str) -> str:
    """The same for addresses of one page with the same parameters, whatever their values, except those that name a view."""
    parts = urlsplit(address)
    return parts.path + "?" + "&".join(sorted(f"{name}={value if name in ('view', 'tab', 'system') else ''}" for name, value in parse_qsl(parts.query)))


# What Markdown would make something of, had nobody escaped it.
MARKED = re.compile(
    r"(?<!\\)!\[x\\?\]\(|(?<!\\)\*\*hxbold|(?<!\\)`hxcode|(?<!\\):(?:red|rainbow-badge)\[|(?<!\\):material/hx|(?<!\\)\$\\href"
    r"|(?<!\\)<(?:img|svg|iframe|b|a|style|script|hx-)\b|https?:\\?//evil|www\\?\.evil|hx@evil", re.IGNORECASE)  # fmt: skip
_INVISIBLE = " \u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2060\u3000\ufeff"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Elements(HTMLParser):
    """Collects the elements that came of a hostile text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            address = name in ("href", "src", "xlink:href", "action", "srcset") and re.match(r"\s*(javascript:|[a-z]*:?//[^/]*evil)", value or "", re.IGNORECASE)
            if name.startswith(("data-hx", "on")) or address or name == "style" and "evil" in (value or ""):
                self.found.append(self.get_starttag_text() or tag)
        if tag.startswith("hx-"):
            self.found.append(tag)


def elements(page: str) -> list[str]:
    """The elements of a page of HTML that came of a hostile text."""
    parser = _Elements()
    parser.feed(page)
    return parser.found


def formulas(name: str, content: bytes) -> list[str]:
    """What a spreadsheet would run, or follow, of a file that leaves the product."""
    if name.endswith(".csv"):
        csv.field_size_limit(1 << 30)
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row if _runs(cell)]
    if name.endswith((".xlsx", ".pptx")):
        return list(_in_package(content))
    return elements(content.decode()) if name.endswith(".html") else []


def _runs(cell: str) -> bool:
    return cell.lstrip(_INVISIBLE).startswith(_STARTS) and re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", cell) is None


def _in_package(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            text = package.read(part)
            if part.endswith(".xlsx"):
                yield from (f"{part}: {one}" for one in _in_package(text))
            elif re.search(rb"<f[ >]|<hyperlink|hlinkClick|<ddeLink", text) or part.endswith(".rels") and b'"External"' in text:
                yield part
