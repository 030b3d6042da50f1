"""The look: colours, type and the one stylesheet of everything that is drawn as HTML and SVG.

Every block stands inside `frame(…)`, an element of class `ss` that is `light`, `dark` or `auto` (by the reader's system).
Colours are CSS variables of that element, so one text serves both themes.
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
TOKENS = {"light": LIGHT, "dark": DARK}
MODES = ("light", "dark", "auto")
FONT = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def clean(text: object) -> str:
    """Text without control and direction characters, in one normal form."""
    return _HIDDEN.sub("", unicodedata.normalize("NFC", str(text)))


def escape(text: object) -> str:
    """Any text, safe between tags and inside quoted attributes of HTML and SVG, and in the texts of a chart."""
    return html.escape(clean(text), quote=True)


def escape_markdown(text: object) -> str:
    """Any text, safe inside Streamlit's Markdown: no image, link, formula, icon or emphasis comes of it."""
    return _MARKDOWN.sub(r"\\\1", clean(text).replace("\n", " "))


def frame(content: str, mode: str = "auto", kind: str = "") -> str:
    """The element that carries the theme around a block of HTML."""
    if mode not in MODES:
        raise ValueError(f"Mode {mode!r} is none of {', '.join(MODES)}.")
    return f'<div class="ss {mode}{" " + kind if kind else ""}">{content}</div>'


@functools.cache
def css() -> str:
    """The stylesheet of every block, for the page, the share link and the files. Nothing in it is fetched."""
    return (
        f".ss{{{_variables('light')}}}\n.ss.dark{{{_variables('dark')}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{.ss.auto{{{_variables('dark')}}}}}\n{_RULES}"
    )


def _variables(mode: str) -> str:
    scheme = f"color-scheme:{mode};"
    return scheme + "".join(f"--{name}:{value};" for name, value in TOKENS[mode].items())


@functools.cache
def font_face() -> str:
    """The font as part of the stylesheet, for pages that stand alone."""
    data = base64.b64encode(FONT_FILE.read_bytes()).decode("ascii")
    return (
        "@font-face{font-family:Inter;font-style:normal;font-weight:400 700;font-display:swap;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}\n"
    )


_RULES = (
    f"""
.ss{{container-type:inline-size;background:var(--bg);color:var(--ink);font-family:{FONT};font-size:14px;line-height:20px;
  font-feature-settings:'tnum','calt','kern';font-variant-numeric:tabular-nums;text-align:left;-webkit-text-size-adjust:100%;
  -webkit-font-smoothing:antialiased;overflow-wrap:break-word}}
"""
    + """
.ss *,.ss *::before,.ss *::after{box-sizing:border-box}
.ss h1,.ss h2,.ss h3,.ss p,.ss ul,.ss ol,.ss dl,.ss dd,.ss figure{margin:0;padding:0}
.ss h1{font-size:24px;line-height:30px;font-weight:650;letter-spacing:-.01em}
.ss h2{font-size:16px;line-height:22px;font-weight:650;letter-spacing:-.003em}
.ss h3{font-size:14px;line-height:20px;font-weight:600}
.ss b,.ss strong{font-weight:600}
.ss ul,.ss ol{list-style:none}
.ss svg{display:block;overflow:visible;flex:none}
.ss a{color:var(--blue);text-decoration:none}
.ss .cap a,.ss p a{text-decoration:underline;text-underline-offset:3px;text-decoration-thickness:1px}
.ss a:hover{text-decoration:underline;text-underline-offset:3px}
.ss a:focus-visible,.ss summary:focus-visible,.ss [tabindex]:focus-visible,.ss button:focus-visible{
  outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
.ss .mut{color:var(--mut)} .ss .ink2{color:var(--ink2)}
.ss .sub{display:block;font-size:12px;line-height:17px;font-weight:400;color:var(--mut)}
.ss .cap{font-size:12px;line-height:17px;color:var(--mut)}
.ss .nw{white-space:nowrap}
.ss .vh{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.ss .r{text-align:right}
.ss .stack>*+*{margin-top:24px}
.ss .narrow{display:none}

/* marks */
.ss .m-band{fill:var(--band)} .ss .m-centre{stroke:var(--centre);stroke-width:1;fill:none}
.ss .m-edge{stroke:var(--centre);stroke-width:1;fill:none} .ss .m-trial{stroke:var(--centre);stroke-width:1;stroke-dasharray:4 3;fill:none}
.ss .m-line{stroke:var(--series);stroke-width:1.5;fill:none;stroke-linejoin:round;stroke-linecap:round}
.ss .m-goal{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:2 2.4;fill:none} .ss .m-goal.near{stroke-width:2;stroke-dasharray:2.6 1.7}
.ss .m-dot{fill:var(--series)} .ss .m-hollow{fill:var(--bg);stroke:var(--series);stroke-width:1.25}
.ss .m-better{fill:var(--blue)} .ss .m-worse{fill:var(--orange)} .ss .m-changed{fill:var(--ink)}
.ss .m-wave{stroke:var(--series);stroke-width:1.6;fill:none;stroke-linejoin:round;stroke-linecap:round}
.ss .m-better-line{stroke:var(--blue)} .ss .m-worse-line{stroke:var(--orange)} .ss .m-changed-line{stroke:var(--ink)}
.ss .m-box{fill:var(--band);stroke:var(--series);stroke-width:1} .ss .m-fill{fill:var(--series)}
.ss .m-slope{stroke-width:2.3}
.ss .m-ink{stroke:var(--ink);stroke-width:1.6;fill:none;stroke-linecap:round;stroke-linejoin:round} .ss .m-inkfill{fill:var(--ink)}
.ss .m-grey{stroke:var(--mut);stroke-width:1.6;fill:none;stroke-linecap:round;stroke-linejoin:round} .ss .m-greyfill{fill:var(--centre)}
.ss .m-onink{stroke:var(--bg);stroke-width:1.7;fill:none;stroke-linecap:round;stroke-linejoin:round} .ss .m-onfill{fill:var(--bg)}
.ss .m-note{stroke:var(--centre);stroke-width:1.2;stroke-dasharray:1.2 2.4;fill:none} .ss .m-text{fill:var(--ink2)}
.ss .m-change{stroke:var(--ink);stroke-width:1.25;fill:none}
.ss .s-on_course{fill:var(--green)} .ss .s-watch{fill:var(--triangle)} .ss .s-act{fill:var(--red)} .ss .s-not_yet{fill:var(--mut)}

/* status with its word */
.ss .st{display:inline-flex;vertical-align:middle;align-items:center;gap:8px;font-weight:600;font-size:14px;line-height:18px;white-space:nowrap}
.ss .st.on_course{color:var(--green)} .ss .st.watch{color:var(--amber)} .ss .st.act{color:var(--red)} .ss .st.not_yet{color:var(--mut)}

.ss h1.withstatus{display:flex;align-items:center;flex-wrap:wrap;gap:4px 14px} .ss h1 .st{font-size:15px;letter-spacing:0} .ss h1 .pop{font-weight:400;letter-spacing:0;left:0;right:auto}
.ss .legend .src{margin-left:auto}

/* the month in sentences */
.ss .news{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:8px 36px;align-items:start}
.ss .says{border-left:3px solid var(--ink);padding:1px 0 1px 14px;font-size:15px;line-height:23px;color:var(--ink)}
.ss .says p{max-width:64em}
.ss .counts{display:grid;gap:3px;padding-top:1px}
.ss .counts .st{font-size:15px;line-height:23px;font-weight:650}

/* tables */
.ss table{border-collapse:collapse;width:100%;margin:0;font-size:14px;line-height:18px;background:none;color:var(--ink)}
.ss caption{text-align:left}
.ss th{font-weight:500;text-align:left}
.ss th.r,.ss td.r{text-align:right}
.ss thead th{font-size:12px;line-height:18px;font-weight:500;color:var(--mut);padding:0 8px 8px;border:0;border-bottom:1px solid var(--ink);vertical-align:bottom}
.ss td,.ss tbody th{padding:0 8px;border:0;border-bottom:1px solid var(--line);vertical-align:middle}
.ss tr>:first-child{padding-left:0} .ss tr>:last-child{padding-right:0}
.ss tr.group>th{font-size:12px;line-height:18px;padding:9px 0 1px;color:var(--mut);font-weight:400;height:28px}
.ss tr.group b{color:var(--ink);font-size:13px}

.ss .board{table-layout:fixed}
.ss .board thead th{padding-top:12px}
.ss .board tbody tr[data-measure]{position:relative;height:52px}
.ss .board .c-measure{width:20%} .ss .board .c-value{width:106px} .ss .board .c-spark{width:236px}
.ss .board .c-behaviour{width:23%} .ss .board .c-goal{width:19%} .ss .board .c-status{width:116px}
.ss .board td.c-spark,.ss .board th.c-spark{padding-left:12px;padding-right:12px}
.ss .board svg.spark{width:212px;height:42px}
.ss .name{display:block;font-weight:600;font-size:14px;line-height:19px;color:var(--ink)}
.ss a.name{color:var(--ink)}
.ss tr[data-measure] a.name::after{content:'';position:absolute;inset:0}
.ss tr[data-measure]:has(a.name):hover{background:color-mix(in srgb,var(--panel) 70%,transparent);cursor:pointer}
.ss tr[data-measure]:hover a.name{text-decoration:underline;text-underline-offset:3px;text-decoration-thickness:1px}
.ss tr[data-measure] a.name:focus-visible{outline:none}
.ss tr[data-measure]:has(a.name:focus-visible){outline:2px solid var(--blue);outline-offset:-2px;border-radius:3px}
.ss .fig{display:block;font-size:20px;line-height:24px;font-weight:600;white-space:nowrap}
.ss .fig small{font-size:12px;font-weight:500;margin-left:4px}
.ss .two{display:flex;align-items:center;gap:10px}
.ss .two>span:last-child{min-width:0}
.ss .l1{display:block;font-size:13px;line-height:18px;color:var(--ink)}
.ss .was{display:block;font-size:12px;line-height:16px;color:var(--mut)}

/* why a status: the rule that set it */
.ss details.why{position:relative;z-index:1;width:max-content;max-width:100%}
.ss details.why>summary{list-style:none;cursor:pointer;padding:2px 4px 2px 0;border-radius:4px}
.ss details.why>summary::-webkit-details-marker{display:none}
.ss details.why>summary:hover .word{text-decoration:underline;text-underline-offset:3px;text-decoration-thickness:1px}
.ss details.why[open]{z-index:6}
.ss .pop{position:absolute;right:0;top:100%;width:300px;padding:12px 14px;background:var(--bg);border:1px solid var(--ctl);
  border-radius:6px;box-shadow:0 6px 20px rgba(10,20,30,.16);font-size:13px;line-height:19px;color:var(--ink2);white-space:normal}
.ss .board tbody:last-child tr:nth-last-child(-n+3) .pop{top:auto;bottom:100%}
.ss .pop p+p{margin-top:6px}

/* legend and foot */
.ss .legend{display:flex;flex-wrap:wrap;justify-content:space-between;gap:6px 24px;padding-top:12px;font-size:12px;line-height:18px;color:var(--mut)}
.ss .legend>*{display:inline-flex;align-items:center;gap:7px}
.ss .foot{padding-top:8px;font-size:12px;line-height:17px;color:var(--mut)}
.ss .foot b{color:var(--ink2)}
.ss .notice{font-size:13px;line-height:19px;color:var(--ink2);padding-left:14px;border-left:3px solid var(--ctl)}

/* dense tables: numbers, lists, history */
.ss table.dense{font-size:13px;line-height:18px}
.ss table.dense td,.ss table.dense tbody th{padding:5px 8px;height:29px}
.ss table.dense tbody th{font-weight:600;color:var(--ink)}
.ss table.dense thead th{font-size:12px;padding-bottom:6px}
.ss table.dense tr>:first-child{padding-left:0} .ss table.dense tr>:last-child{padding-right:0}
.ss table.list td{height:29px;padding-top:4px;padding-bottom:4px} .ss table.list{font-size:13px;line-height:18px}
.ss table.list .name{font-size:13.5px;line-height:18px}
.ss table.list tbody tr[data-measure]{position:relative}
.ss table.list td.slot{width:34px;color:var(--mut)}
.ss .sig{display:inline-flex;align-items:center;gap:7px}
.ss .scroll{overflow-x:auto;scrollbar-width:thin}
.ss table.months{font-size:12px;line-height:16px;table-layout:fixed}
.ss table.months td,.ss table.months th{padding:1.5px 0;border:0;text-align:center;white-space:nowrap;font-weight:400;color:var(--mut);height:auto;letter-spacing:-.01em}
.ss table.months thead th,.ss table.months thead td{border:0;border-top:1px solid var(--centre);padding:6px 0 3px;font-size:12px;vertical-align:top}
.ss table.months thead td.lead{border-top-color:transparent} .ss table.months thead td:last-child{border-top-color:transparent}
.ss table.months thead b{display:block;color:var(--ink);font-weight:600;line-height:15px}
.ss table.months td.lead{width:54px} .ss table.months tbody th,.ss table.months thead td:last-child{width:130px;text-align:left;padding-left:9px}
.ss table.months tr.val td,.ss table.months tr.val th{font-weight:600;color:var(--ink)}
.ss table.months td.newyear,.ss table.months th.newyear{box-shadow:-1px 0 var(--line)}
.ss table.months tr.val td.better{color:var(--blue)} .ss table.months tr.val td.worse{color:var(--orange)} .ss table.months td.out{text-decoration:line-through;color:var(--mut)}
.ss .beside table.months thead th,.ss .beside table.months thead td{font-size:0;line-height:0;padding:0;border:0} .ss .beside table.months thead b{display:none}
.ss .across{direction:rtl} .ss .across table.months{direction:ltr;width:max-content;min-width:100%}
.ss .across table.months td.lead{display:none} .ss .across table.months thead th{min-width:46px}
.ss .across table.months td,.ss .across table.months thead th{padding-left:5px;padding-right:5px}
.ss .across table.months tbody th{position:sticky;right:0;background:var(--bg)}

.ss .sec+.sec{margin-top:28px} .ss .sechead{display:flex;justify-content:space-between;align-items:baseline;gap:16px;margin-bottom:6px}
.ss .phonechart svg.spark{width:100%;height:auto} .ss .ends{display:flex;justify-content:space-between}

/* segments: small multiples on one scale */
.ss .multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,232px));gap:18px 24px}
.ss .multiples figure{min-width:0}
.ss .multiples{margin-top:12px} .ss .multiples .spark{width:100%;height:auto;max-width:240px;margin:8px 0}
.ss .multiples figcaption{font-size:12px;line-height:17px;color:var(--mut)}

/* what the marks mean */
.ss .pair{display:grid;grid-template-columns:minmax(0,1.53fr) minmax(0,1fr);gap:28px 36px;margin-top:24px;align-items:start}
.ss .pair>*{min-width:0}
.ss .stack>section+section{margin-top:28px}
.ss section>h2{margin-bottom:8px}
.ss table.rules td,.ss table.rules tbody th{vertical-align:middle;padding:8px 8px;font-size:13px;line-height:18px;font-weight:400}
.ss table.rules tbody th{color:var(--ink)} .ss table.dense.rules tbody th{font-weight:600}
.ss table.rules thead th .head{color:var(--ink);font-size:13px}
.ss table.rules thead td{border-bottom:1px solid var(--ink)}
.ss table.rules .st{font-size:13.5px} .ss table.rules td>.sub{margin-top:2px}
.ss table.plain tbody tr:first-child>*{border-top:1px solid var(--ink)} .ss table.plain th{font-weight:400!important}
.ss table.plain td.icon{width:28px} .ss table.plain th{width:128px}
.ss table.nine{table-layout:fixed} .ss table.nine tr>:first-child{width:28%} .ss table.nine th .two>span:last-child{overflow-wrap:normal} .ss table.five tr>:nth-child(1){width:80px} .ss table.five tr>:nth-child(2){width:122px}
.ss table.five tr>:nth-child(5){width:31%} .ss table.three tr>:nth-child(1){width:92px} .ss table.three tr>:nth-child(2){width:180px}
.ss table.nine .two{gap:7px} .ss table.nine td,.ss table.nine th{padding-left:4px;padding-right:4px} .ss table.nine tr>:first-child,.ss table.plain td.icon,.ss table.five td:first-child,.ss table.three tbody th{padding-left:0}
 .ss .icons{display:flex;gap:8px}
.ss .after{margin-top:8px} .ss svg.picture{width:100%;height:auto;max-width:660px}

/* first start */
.ss table.preview{border-top:1px solid var(--ink)} .ss table.preview td,.ss table.preview th{height:50px;padding:4px 0}
.ss table.preview td:first-child{width:23px} .ss table.preview .fig{font-size:17px} .ss table.preview .name{font-size:13.5px}
.ss .steps{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:16px 28px}
.ss .steps li{display:flex;gap:8px;align-items:flex-start} .ss .says-small{display:block;font-size:13px;line-height:19px;color:var(--ink2);margin-top:4px}

/* the read-only page */
.ss .onphone{display:none}
.ss.page{min-height:100vh}
.ss .strip{display:flex;align-items:center;gap:9px;min-height:46px;padding:8px 32px;background:var(--panel);border-bottom:1px solid var(--line);font-size:13px;line-height:18px;color:var(--ink2)}
.ss .strip .end{margin-left:auto}
.ss .sheet{max-width:1192px;margin:0 auto;padding:26px 32px 32px}
.ss .strip>.row{display:flex;align-items:center;gap:9px;width:100%;max-width:1128px;margin:0 auto}
.ss .second{font-size:13px;line-height:18px;font-weight:400;letter-spacing:0;color:var(--mut)}
.ss .mid{max-width:560px;margin:0 auto;padding:18vh 24px 48px}
.ss .mid p{margin-top:8px;font-size:15px;line-height:23px;color:var(--ink2)}

@container (max-width:960px){
  .ss .beside{direction:rtl} .ss .beside table.months{direction:ltr;table-layout:auto;width:max-content}
  .ss .beside table.months thead th{font-size:12px;line-height:16px;padding:6px 5px 3px;border-top:1px solid var(--centre)} .ss .beside table.months thead b{display:block}
  .ss .beside table.months td.lead{display:none} .ss .beside table.months td{padding-left:5px;padding-right:5px}
  .ss .beside table.months tbody th{position:sticky;right:0;background:var(--bg)}
}
@container (max-width:1000px){
  .ss .board .c-spark{width:158px} .ss .board svg.spark{width:134px} .ss .board .c-behaviour{width:auto} .ss .board .c-goal{width:158px}
  .ss .board .c-measure{width:20%} .ss .board .c-value{width:98px} .ss .board .c-status{width:106px} .ss .two{gap:8px}
}
@container (max-width:899px){
  .ss .wide{display:none} .ss .narrow{display:block}
  .ss .news{grid-template-columns:minmax(0,1fr)}
  .ss .counts{grid-auto-flow:column;justify-content:start;gap:20px;padding-top:4px}
  .ss .legend{justify-content:flex-start} .ss .legend .src{margin-left:0}
  .ss table.list tr>:nth-child(3),.ss table.list tr>:nth-child(4),.ss table.list tr>:nth-child(5){display:none} .ss table.list tr.group>th{display:table-cell}
  .ss table.list tbody tr[data-measure]{height:44px}
}
.ss .brief .grouphead{letter-spacing:0;display:flex;gap:4px;padding:16px 0 8px;border-bottom:1px solid var(--ink);font-size:13px;line-height:18px;font-weight:600}
.ss .brief .grouphead.act{color:var(--red)} .ss .brief .grouphead.watch{color:var(--amber)}
.ss .brief .grouphead.on_course{color:var(--green)} .ss .brief .grouphead.not_yet{color:var(--mut)}
.ss .brief .grouphead span{font-weight:400;color:var(--mut)}
.ss .brief li{position:relative;display:grid;grid-template-columns:13px minmax(0,1fr) 72px minmax(62px,auto);gap:9px;align-items:center;min-height:53px;padding:6px 0;border-bottom:1px solid var(--line)}
.ss .brief li a.name::after{content:'';position:absolute;inset:0}
.ss .brief .name{font-size:14px;line-height:19px}
.ss .brief .fig{font-size:16px;line-height:20px}
.ss .brief svg.spark{width:72px;height:30px}
@container (max-width:899px){
  .ss .onphone{display:inline} .ss.page .counts{display:none} .ss .sheet h1{display:flex;justify-content:space-between;align-items:baseline;gap:12px}
  .ss .onwide{display:none}
  .ss .pair{grid-template-columns:minmax(0,1fr)}
  .ss .says{font-size:14.5px;line-height:21px;padding-left:11px}
  .ss .sheet{padding:14px 16px 24px}
  .ss .strip{padding:6px 16px;min-height:34px}
  .ss h1{font-size:20px;line-height:26px}
  .ss .tap{display:inline-flex;align-items:center;min-height:44px}
}
@media print{
  @page{size:A4 landscape;margin:11mm}
  .ss,.ss *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
  .ss tr,.ss li,.ss figure{break-inside:avoid} .ss h2{break-after:avoid}
  .ss .noprint{display:none} .ss details.why .pop{display:none}
  .ss.page{min-height:0} .ss .sheet{padding:8px 0 0;max-width:none}
}
@media (prefers-reduced-motion:no-preference){.ss tr[data-measure]{transition:background .12s}}
"""
)
