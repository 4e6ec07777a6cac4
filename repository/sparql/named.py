"""Named queries: files with a title, parameters and a query, and the text that a name and arguments make.

Nothing is run here, no HTTP enters, and no name ever becomes a path before it fits the grammar of names.

A file `<name>.rq` begins with lines of comment, and the query follows:

    # title: Works that cite a work
    # about: Newest first; a line that is indented
    #        goes on with what the line before said.
    # group: Citations
    # param work: identifier = RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226 -- The work that is cited

A parameter is `$work` in the query. Without `= ...` it is required; with nothing behind the `=` it may be left
out, and is then UNDEF, so the query has it in `VALUES ?any { $work }` alone.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from repository.model.site import Site
from repository.model.terms import INTERNAL
from repository.sparql import guard
from repository.sparql.parameters import TYPES, Parameter, term
from repository.sparql.question import QueryError

FOLDER = "queries"
MAX_FILE_BYTES = 64 * 1024
MAX_FILES = 1000

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_HEADER = re.compile(r"#(?P<indent>[ \t]*)(?P<text>.*)")
_FIELD = re.compile(r"(?P<key>title|about|group)[ \t]*:[ \t]*(?P<value>.*)")
_PARAM = re.compile(
    r"param[ \t]+(?P<name>[A-Za-z][A-Za-z0-9_]{0,31})[ \t]*:[ \t]*(?P<type>[a-z]+)[ \t]*(?:=(?P<default>.*))?"
)
_ABOUT = re.compile(r"[ \t]+--(?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """`text` is the query without its header, with the site's base. `own`: the maintainer's, not Sheaf's."""

    name: str
    text: str
    title: str = ""
    about: str = ""
    group: str = ""
    parameters: tuple[Parameter, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is no named query. `line` is 0 where the whole file is meant."""

    name: str
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.message}"


@dataclass(frozen=True, slots=True)
class Library:
    """All named queries by name, and the files that could not be read as one."""

    queries: Mapping[str, NamedQuery]
    faults: tuple[Fault, ...] = ()

    def get(self, name: str) -> NamedQuery | None:
        """The query of that name; None where there is none.

        Raises QueryError where its file is broken: a built-in of that name would answer another question.
        """
        broken = next((fault for fault in self.faults if fault.name == name), None)
        if broken:
            raise QueryError("refused", f"the query {name} cannot be read: {broken}")
        return self.queries.get(name)


def library(data: Path, site: Site) -> Library:
    """The queries that come with Sheaf and those in `<data>/queries`, which go before them."""
    queries = {query.name: query for query in built_in(site)}
    faults = []
    for path in _own_files(data / FOLDER):
        found = _read_file(path, site)
        if isinstance(found, Fault):
            faults.append(found)
            queries.pop(found.name, None)
        else:
            queries[found.name] = found
    return Library(dict(sorted(queries.items())), tuple(faults))


@cache
def built_in(site: Site) -> tuple[NamedQuery, ...]:
    """The queries that come with Sheaf, by name."""
    folder = files("repository.sparql") / "queries"
    found = [
        read_query(each.name.removesuffix(".rq"), each.read_text("utf-8"), site)
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".rq")
    ]
    return tuple(query for query in found if isinstance(query, NamedQuery))


def read_query(name: str, text: str, site: Site, file: str = "") -> NamedQuery | Fault:
    """A named query from the text of its file."""
    text = text.replace("<" + INTERNAL, "<" + site.base)
    query = NamedQuery(name, _without_header(text))
    place = file or f"{name}.rq"
    for number, key, value in _header(text):
        try:
            query = _with_field(query, key, value)
        except ValueError as error:
            return Fault(name, place, number, str(error))
    try:
        guard.examine(text)
    except QueryError as error:
        return Fault(name, place, 0, error.message)
    return _wrong_parameters(query, text, place) or replace(query, title=query.title or name)


def bind(query: NamedQuery, arguments: Mapping[str, str], site: Site, *, year: int) -> str:
    """The text of the query with the arguments in it. `year` is the one we have.

    Raises QueryError for an argument that is missing or is not of its parameter's type. Other arguments are ignored.
    """
    terms = {}
    for parameter in query.parameters:
        value = arguments.get(parameter.name, "").strip() or parameter.default
        terms[parameter.name] = term(parameter, value, site, year=year)
    return guard.substitute(query.text, terms) if terms else query.text


def save(data: Path, name: str, text: str, site: Site) -> Path:
    """Keep a query as `<data>/queries/<name>.rq`; the file is there whole or not at all.

    Raises QueryError where the name or the text cannot be one.
    """
    if not is_name(name):
        raise QueryError(
            "refused", f"{name[:80]!r} cannot be a name: use 1 to 64 of the letters a-z, digits and -"
        )
    found = read_query(name, text, site)
    if isinstance(found, Fault):
        raise QueryError("refused", str(found))
    # With the internal base, so that the query still fits when the site moves to another address.
    kept = text.replace("<" + site.base, "<" + INTERNAL).encode()
    if len(kept) > MAX_FILE_BYTES:
        raise QueryError(
            "refused", f"a query of {len(kept):,} bytes is too long to keep ({MAX_FILE_BYTES:,})"
        )
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.rq"
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(kept if kept.endswith(b"\n") else kept + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _own_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        named = (path for path in folder.iterdir() if path.suffix == ".rq" and not path.name.startswith("."))
        yield from sorted(named)[:MAX_FILES]


def _read_file(path: Path, site: Site) -> NamedQuery | Fault:
    place = f"{FOLDER}/{path.name}"
    if not is_name(path.stem):
        return Fault(path.stem, place, 0, "its name may have 1 to 64 of the letters a-z, digits and - alone")
    if not path.is_file():
        # Opening a FIFO would wait for somebody to write.
        return Fault(path.stem, place, 0, "it cannot be read: it is no file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode()
    except UnicodeDecodeError as error:
        return Fault(path.stem, place, data[: error.start].count(b"\n") + 1, "it is not UTF-8")
    except OSError as error:
        return Fault(path.stem, place, 0, f"it cannot be read: {error.strerror}")
    if len(data) > MAX_FILE_BYTES:
        return Fault(path.stem, place, 0, f"it is longer than {MAX_FILE_BYTES:,} bytes")
    found = read_query(path.stem, text, site, place)
    return replace(found, own=True) if isinstance(found, NamedQuery) else found


def _header(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, key, value) of the comments before the query; what is no field of ours is a plain comment."""
    number, field = 0, ""
    for at, line in enumerate(text.splitlines(), 1):
        match = _HEADER.fullmatch(line.rstrip())
        if not match:
            break
        said = match["text"]
        if field and said and len(match["indent"]) > 1:
            field += " " + said
            continue
        if field:
            yield number, *_split(field)
        number, field = at, said if re.match(r"(?:title|about|group|param)\b", said) else ""
    if field:
        yield number, *_split(field)


def _split(field: str) -> tuple[str, str]:
    match = _FIELD.fullmatch(field)
    return (match["key"], match["value"].strip()) if match else ("", field)


def _with_field(query: NamedQuery, key: str, value: str) -> NamedQuery:
    if key == "title":
        return replace(query, title=value)
    if key == "about":
        return replace(query, about=value)
    if key == "group":
        return replace(query, group=value)
    declared, *about = _ABOUT.split(value, maxsplit=1)
    match = _PARAM.fullmatch(declared)
    if not match:
        raise ValueError(f"{value!r} is not `param NAME: TYPE = DEFAULT -- what it is`")
    if match["type"] not in TYPES:
        raise ValueError(f"a parameter cannot be of the type {match['type']!r}; there are {', '.join(TYPES)}")
    if match["name"] in {parameter.name for parameter in query.parameters}:
        raise ValueError(f"the parameter {match['name']} is declared twice")
    default = None if match["default"] is None else match["default"].strip()
    made = Parameter(match["name"], match["type"], default, "".join(about).strip())
    return replace(query, parameters=(*query.parameters, made))


def _wrong_parameters(query: NamedQuery, text: str, file: str) -> Fault | None:
    """What is wrong with the parameters: declared and used are the same, and one that may be empty is in VALUES."""
    used, declared = guard.parameters(text), {parameter.name for parameter in query.parameters}
    for name in used:
        if name not in declared:
            line = text[: text.find("$" + name)].count("\n") + 1
            advice = f"${name} is not declared: add `# param {name}: ...`, or write ?{name}"
            return Fault(query.name, file, line, advice)
    for parameter in query.parameters:
        name = parameter.name
        if name not in used:
            return Fault(query.name, file, 0, f"the parameter {name} is declared, but ${name} is not used")
        places = len(re.findall(rf"\${name}\b", query.text))
        if parameter.default == "" and places != len(re.findall(rf"\{{\s*\${name}\s*\}}", query.text)):
            return Fault(
                query.name, file, 0, f"${name} may be empty, so it can stand in VALUES ?x {{ ${name} }} alone"
            )
    return None


def _without_header(text: str) -> str:
    lines = text.splitlines(keepends=True)
    while lines and (not lines[0].strip() or _HEADER.fullmatch(lines[0].rstrip())):
        del lines[0]
    return "".join(lines)
