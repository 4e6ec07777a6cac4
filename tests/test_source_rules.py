"""Habits of the source that keep threats out (docs/threats.md): what would let one in is seen here, not in review."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.serve.service import ROOT

FILES = sorted((ROOT / "repository").rglob("*.py"))
# These read back what we ourselves wrote a line before.
OWN_XML = {"repository/harvest/records.py", "repository/check/schemas.py"}
# What a run of ingest has met, in a file of its own that has no name.
OWN_PICKLES = {"repository/ingest/seen.py"}
_WORTH_READING = re.compile(r"etree|XMLParser|rdflib|Environment|eval|exec|pickle|yaml|os\.system|subprocess")
_READS_XML = ("fromstring", "parse", "XML", "HTML", "iterparse")


@cache
def calls(path: Path) -> tuple[tuple[str, ast.Call], ...]:
    """Every call with the name of what is called: `etree.parse`, `rdflib.Graph().parse`."""
    text = path.read_text("utf-8")
    if not _WORTH_READING.search(text):
        return ()
    nodes = ast.walk(ast.parse(text))
    return tuple((called(node.func), node) for node in nodes if isinstance(node, ast.Call))


def called(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{called(node.func)}()"
    return node.id if isinstance(node, ast.Name) else "..."


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def keywords(call: ast.Call) -> dict[str, str]:
    return {each.arg: ast.unparse(each.value) for each in call.keywords if each.arg}


def test_row_18_xml_is_read_with_a_parser_that_was_chosen():
    bare = [
        f"{named(path)}:{call.lineno}"
        for path in FILES
        for name, call in calls(path)
        if name.startswith("etree.") and name.removeprefix("etree.") in _READS_XML
        if len(call.args) < 2 and "parser" not in keywords(call)
    ]
    assert {place.split(":")[0] for place in bare} <= OWN_XML, bare


def test_row_18_no_parser_follows_entities_or_asks_the_network():
    made = [
        (path, call)
        for path in FILES
        for name, call in calls(path)
        if name in ("etree.XMLParser", "XMLParser")
    ]
    assert made
    for path, call in made:
        given = keywords(call)
        assert (given.get("resolve_entities"), given.get("no_network")) == ("False", "True"), named(path)
        assert given.get("load_dtd", "False") == "False", named(path)


def test_rows_4_and_19_rdflib_is_given_texts_alone_and_no_query():
    users = [path for path in FILES if "rdflib" in path.read_text("utf-8")]
    assert users
    for path in users:
        for name, call in calls(path):
            if name.endswith(".parse") and name.startswith(("rdflib.", "Graph", "graph", "data", "shapes")):
                # A plain text would be taken for an address or a file, and fetched.
                assert not call.args, f"{named(path)}:{call.lineno}"
                assert {"data", "format"} <= set(keywords(call)), f"{named(path)}:{call.lineno}"
            assert not name.endswith((".query", ".update", ".load")), f"{named(path)}:{call.lineno}"


def test_row_23_templates_escape_by_themselves():
    environments = [call for path in FILES for name, call in calls(path) if name.endswith("Environment")]
    assert environments
    assert all(keywords(call).get("autoescape") == "True" for call in environments)
    for template in (ROOT / "repository").rglob("*.html"):
        text = template.read_text("utf-8")
        assert "|safe" not in text.replace(" ", ""), template
        assert "autoescapefalse" not in text.replace(" ", ""), template


@pytest.mark.parametrize("word", ["eval", "exec", "pickle.loads", "pickle.load", "yaml.load", "os.system"])
def test_nothing_that_was_sent_is_run(word):
    users = {named(path) for path in FILES for name, _ in calls(path) if name == word}
    assert users <= (OWN_PICKLES if word == "pickle.loads" else set())


def test_no_program_is_started_through_a_shell():
    for path in FILES:
        for name, call in calls(path):
            if name.startswith("subprocess."):
                assert keywords(call).get("shell", "False") == "False", f"{named(path)}:{call.lineno}"
