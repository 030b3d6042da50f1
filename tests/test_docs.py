"""What a reader can see is documented, and spelled the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module

import click
import pytest

from scorecard import places
from scorecard.cli import FAMILIES
from scorecard.cli import main as commands
from scorecard.core import measures_file
from tests import write_docs

README = write_docs.README.read_text("utf-8")
DOCS = {str(path.relative_to(places.ROOT)): path.read_text("utf-8") for path in (write_docs.README, *sorted((places.ROOT / "docs").glob("*.md")))}
START, TEST = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.mark.parametrize("name", write_docs.WRITERS)
def test_the_readme_says_what_the_code_says(name):
    block = re.search(write_docs.BLOCK.format(name=name), README, re.DOTALL)
    assert block, f"README.md has no place for {name}."
    assert block[0].removeprefix(block[1]).removesuffix(block[2]) == write_docs.WRITERS[name](), (
        "Run: python -m tests.write_docs")


def test_the_readme_has_one_command_that_starts_and_one_that_tests():
    assert START.endswith("streamlit run app.py") and TEST.endswith("python -m pytest")
    assert START.partition(" && ")[0] == TEST.partition(" && ")[0]
    assert all("pip install -r requirements.txt" in command for command in (START, TEST))


def test_ci_runs_the_command_of_the_readme():
    script = (places.ROOT / ".ci" / "run").read_text("utf-8")
    pattern = re.search(r"grep -m 1 '([^']+)' README.md", script)[1]
    found = subprocess.run(["grep", "-m", "1", pattern, "README.md"], cwd=places.ROOT, capture_output=True, text=True,
                           check=True)
    assert found.stdout.strip() == TEST


@pytest.mark.parametrize("family", FAMILIES)
def test_the_list_of_commands_says_of_each_what_the_command_itself_says(family):
    own = {one.name: " ".join(one.help.partition("\n\n")[0].split()) for one in import_module(f"scorecard.cli.{family}").commands}
    assert FAMILIES[family] == own, f"Write the commands of scorecard/cli/{family}.py, with their words, into scorecard/cli/__init__.py."


def test_every_module_of_commands_is_listed():
    modules = {path.stem for path in (places.ROOT / "scorecard" / "cli").glob("*.py") if re.search(r"^commands\b.* = \[", path.read_text("utf-8"), re.M)}
    assert modules == set(FAMILIES)


def test_the_help_of_all_commands_imports_no_database_and_no_arithmetic():
    code = "import sys; from scorecard.cli import main; main(['--help'], standalone_mode=False); sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=places.ROOT, capture_output=True, text=True, check=True)
    assert "audit" in done.stdout and not {"duckdb", "numpy", "pandas", "psycopg", "streamlit"} & set(done.stderr.split())


@pytest.mark.parametrize("name", ["load", "check", "chart", "share", "backup", "restore", "sample", "measure", "health",
                                  "member", "audit"])
def test_every_promised_command_exists(name):
    assert name in commands.commands


@pytest.mark.parametrize("option", [
    "--measure", "--type", "--rules", "--centre", "--ranges", "--screen", "--baseline", "--lock-after", "--rebase",
    "--exclude", "--direction", "--goal", "--bounds", "--window", "--json"])
def test_the_chart_command_has_the_options_that_others_script_against(option):
    assert option in {name for one in commands.commands["chart"].params for name in one.opts}


def sources() -> list[str]:
    folders = ("scorecard", "pages", "tests", ".ci")
    files = [places.ROOT / "app.py", *(path for folder in folders for path in (places.ROOT / folder).rglob("*"))]
    return [path.read_text("utf-8") for path in files if path.is_file() and path.suffix in ("", ".py")]


def test_every_environment_variable_is_documented():
    used = {name for text in sources() for name in re.findall(r"\bSCORECARD_[A-Z]+(?:_[A-Z]+)*\b", text)}
    inner = {"SCORECARD_POSTGRES_FOLDER"}
    assert {name for name in used - inner if not any(f"`{name}`" in text for text in DOCS.values())} == set()


def test_every_variable_that_a_page_of_the_docs_names_is_read_by_the_code():
    used = {name for text in sources() for name in re.findall(r"\bSCORECARD_[A-Z]+(?:_[A-Z]+)*\b", text)}
    for page, text in DOCS.items():
        unknown = set(re.findall(r"\bSCORECARD_[A-Z]+(?:_[A-Z]+)*\b", text)) - used
        assert not unknown, f"{page} names {sorted(unknown)[0]}, which nothing reads."


def given_commands(text: str) -> list[str]:
    """What follows `python -m scorecard` in a text, up to the end of the code that it stands in."""
    return [found.strip() for found in re.findall(r"python -m scorecard((?: [^`\n]*)?)[`\n]", text) if found.strip()]


@pytest.mark.parametrize("page, given", [(page, given) for page, text in DOCS.items() for given in dict.fromkeys(given_commands(text))])
def test_a_command_that_the_docs_give_exists_with_its_options(page, given):
    words = given.split()
    if words[0] in ("…", "COMMAND"):
        return
    command = commands.commands.get(words[0])
    assert command is not None, f"{page}: there is no command {words[0]}."
    for word in words[1:]:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    assert not isinstance(command, click.Group) or command.invoke_without_command or len(words) == 1, f"{page}: {given}"
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert options <= known, f"{page}: {given} has {sorted(options - known)[0]}, which the command does not know."


@pytest.mark.parametrize("page", [page for page in DOCS if page != "README.md"])
def test_what_a_page_of_the_docs_links_to_and_speaks_of_is_there(page):
    text, folder = DOCS[page], (places.ROOT / page).parent
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith("http"):
            path, _, heading = link.partition("#")
            target = folder / path if path else places.ROOT / page
            assert target.exists(), f"{page} links to {link}."
            headings = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in target.read_text("utf-8").splitlines() if line.startswith("#")} if heading else set()
            assert not heading or heading in headings, f"{page} links to {link}: there is no such heading."
    named = {one.rstrip(".,:;") for one in re.findall(r"\bdeploy/[\w.-]+", text)} - {"deploy/.env", "deploy/secrets.toml"}
    assert not [one for one in named if not (places.ROOT / one).exists()], f"{page} speaks of a file that is not there."


def test_every_address_for_an_operator_that_the_docs_give_is_served():
    from scorecard import web

    served = {route.path for route in web.ROUTES}
    for page, text in DOCS.items():
        assert set(re.findall(r"`(/(?:healthz|metrics)[a-z/]*)`", text)) <= served, page


def test_every_page_of_the_docs_is_found_from_the_readme_or_another_page():
    for page in DOCS:
        name = page.removeprefix("docs/")
        assert page == "README.md" or any(f"({page})" in text or f"({name})" in text for other, text in DOCS.items() if other != page), f"Nothing links to {page}."


@pytest.mark.parametrize("key", measures_file.KEYS)
def test_every_key_of_a_measure_is_explained_in_the_file_of_definitions(key):
    comments = [line for line in (places.ROOT / "data" / "measures.toml").read_text("utf-8").splitlines()
                if line.startswith("#")]
    assert any(re.search(rf"\b{key}\b", line) for line in comments), f"{key} is not explained in data/measures.toml."


@pytest.mark.parametrize("link", sorted({*re.findall(r"\]\(([^)#:]+)\)", README),
                                          *re.findall(r'src(?:set)?="([^"]+)"', README)}))
def test_what_the_readme_links_to_is_there(link):
    assert (places.ROOT / link).exists(), f"README.md links to {link}, which does not exist."


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m\s+(tests\.[a-z_.]+[a-z_])", README))))
def test_a_command_for_developers_is_there(module):
    path = places.ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_requirements_have_lower_and_upper_bounds():
    lines = [line for line in (places.ROOT / "requirements.txt").read_text("utf-8").splitlines()
             if line and not line.startswith("#")]
    bounded = re.compile(r"[a-z0-9-]+(\[[a-z]+\])?>=[\d.]+,<[\d.]+(,!=[\d.]+)?(; sys_platform != \"win32\")?")
    assert [line for line in lines if not bounded.fullmatch(line)] == []


def test_the_project_says_which_python_it_needs():
    project = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"] == ">=3.11" and "3.11" in README
