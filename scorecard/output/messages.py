"""Small pages outside the app: a link that ended, and the guide to the routes."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --bg: #ffffff; --ink: #1b2430; --mut: #5b6673; --line: #dde2e8; --panel: #f6f7f9; --blue: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --bg: #0e141b; --ink: #f2f5f8; --mut: #a4b0be; --line: #2c3744; --panel: #161f2a; --blue: #79b0ff; } }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/23px Inter, system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 48px 24px; }
h1 { font-size: 24px; line-height: 32px; font-weight: 650; margin: 0 0 12px; }
h2 { font-size: 16px; font-weight: 650; margin: 28px 0 4px; }
code, pre { font: 13px/20px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--panel); padding: 12px; border-radius: 6px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 8px 8px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--mut); font-weight: 500; font-size: 13px; }
p.quiet { color: var(--mut); font-size: 13px; } a { color: var(--blue); }
"""

ROUTES: tuple[tuple[str, str], ...] = (
    ("/api/scorecard", "the scorecard as JSON: sentences, counts, and every measure with its figures and its reading"),
    ("/api/scorecard.csv", "the same rows as CSV, one line a measure"),
    ("/api/measure/{name}", "a measure as JSON: chart, phases, signals, goals, notes, segments, changes"),
    ("/api/measure/{name}.csv", "its chart as CSV, one line a period"),
    ("/api/records/{register}", "what people wrote down, by register; account, person, state, words, since, until, limit and offset narrow it"),
    ("/api/records/{register}.csv", "the same entries as CSV, one line an entry"),
    ("/healthz", "200 and status ok while people can work, else 503 and what is missing"),
)
PARAMETERS: tuple[tuple[str, str], ...] = (
    ("month", "2026-10 (weeks 2026-W42, quarters 2026-Q4); without it the latest complete period"),
    ("segment", "the name of a segment; without it, or All, everything"),
    ("scorecard", "the id of a scorecard; without it the first"),
)


def page(title: str, body: str) -> str:
    """A self-contained page; `body` is HTML that was escaped by its writer."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><meta name="robots" content="noindex"><title>{escape(title)} · Seven Systems</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _table(head: tuple[str, str], rows: tuple[tuple[str, str], ...]) -> str:
    lines = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{escape(words)}</td></tr>" for name, words in rows)
    return f"<table><thead><tr><th>{head[0]}</th><th>{head[1]}</th></tr></thead><tbody>{lines}</tbody></table>"


def api_page(local: bool) -> str:
    """The guide to the CSV and JSON twins; `local` is a server that answers its own machine only."""
    reach = "on this machine only" if local else "the browser of a member who has signed in"
    return page(
        "Figures for other programs",
        (
            "<p>Every page of figures has a JSON and a CSV twin. They hold what the page shows, with figures in full precision. "
            "Shares are fractions: 0.896 is 89.6%. A limit that does not exist is null, in CSV an empty cell.</p>"
            f"<h2>Addresses</h2>{_table(('Address', 'What comes back'), ROUTES)}"
            f"<h2>Parameters</h2>{_table(('Name', 'Value'), PARAMETERS)}"
            "<h2>Example</h2><pre>curl 'http://localhost:8501/api/scorecard?month=2026-10&amp;segment=Enterprise'</pre>"
            "<h2>Refusals</h2><p>A refusal is JSON with one sentence under <code>error</code>: 404 for what does not exist, "
            "403 for what is not allowed, 503 while the store does not answer.</p>"
            f'<p class="quiet">These addresses answer {reach}. Text in CSV files that a spreadsheet could run as a '
            "formula begins with an apostrophe.</p>"
        ),
    )
