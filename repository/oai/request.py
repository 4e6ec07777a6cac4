"""From argument pairs to one frozen request, by tables (OAI-PMH 3.1 and section 4).

Parsing starts from the list of pairs, so repeated arguments are seen. Nothing here knows the log.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from repository.model import datestamps
from repository.model.errors import DateError
from repository.model.ntriples import ILLEGAL_XML
from repository.model.records import Selection
from repository.model.sets import is_spec
from repository.model.uris import URI
from repository.oai.errors import Code, OaiError, Problem, oai_error

Pairs = Sequence[tuple[str, str]]


class Arguments(NamedTuple):
    """What a verb takes; `exclusive` may stand in place of all others."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    exclusive: str = ""


_LIST = Arguments(
    frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), exclusive="resumptionToken"
)
VERBS = {
    "Identify": Arguments(),
    "ListMetadataFormats": Arguments(optional=frozenset({"identifier"})),
    "ListSets": Arguments(exclusive="resumptionToken"),
    "GetRecord": Arguments(frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose syntax is right. Empty where an argument is absent; `token` stands in place of the others."""

    verb: str
    identifier: str = ""
    prefix: str = ""
    selection: Selection = Selection()
    token: str = ""


# metadataPrefixType of OAI-PMH.xsd.
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")

_SYNTAX: dict[str, tuple[Callable[[str], object], str]] = {
    "identifier": (URI.fullmatch, "is not a URI"),
    "metadataPrefix": (_PREFIX.fullmatch, "is not a metadataPrefix: letters, digits and -_.!~*'() only"),
    "set": (is_spec, "is not a setSpec: a colon-separated path of letters, digits and -_.!~*'()"),
}


def parse(pairs: Pairs) -> Request:
    """The request that the pairs make, in whatever order. Raises OaiError with every problem found."""
    verb = _verb(pairs)
    table = VERBS[verb]
    rest = [(name, value) for name, value in pairs if name != "verb"]
    values = dict(rest)
    problems = [Problem(Code.BAD_ARGUMENT, text) for text in _complaints(verb, table, rest, values)]
    if problems:
        raise OaiError(*problems)
    if "resumptionToken" in values:
        return Request(verb, token=values["resumptionToken"])
    return Request(
        verb,
        identifier=values.get("identifier", ""),
        prefix=values.get("metadataPrefix", ""),
        selection=_selection(values),
    )


def _verb(pairs: Pairs) -> str:
    verbs = [value for name, value in pairs if name == "verb"]
    known = f"the six verbs are {', '.join(VERBS)}"
    if not verbs or not verbs[0]:
        raise oai_error(Code.BAD_VERB, f"the verb argument is missing; {known}")
    if len(verbs) > 1:
        raise oai_error(Code.BAD_VERB, "the verb argument is repeated")
    if verbs[0] not in VERBS:
        raise oai_error(Code.BAD_VERB, f"{shown(verbs[0])} is not a verb; {known}")
    return verbs[0]


def _complaints(verb: str, table: Arguments, rest: Pairs, values: dict[str, str]) -> list[str]:
    allowed = table.required | table.optional | ({table.exclusive} - {""})
    found = []
    for name, times in Counter(name for name, _ in rest).items():
        if name not in allowed:
            takes = ", ".join(sorted(allowed)) or "no arguments"
            found.append(f"{verb} does not take {shown(name)}; it takes {takes}")
        elif times > 1:
            found.append(f"{name} is repeated")
        elif not values[name]:
            found.append(f"{name} is empty")
    if found:
        return found
    if table.exclusive and table.exclusive in values:
        # A token of any bytes is a matter of badResumptionToken, not of syntax.
        return [f"{table.exclusive} excludes every other argument"] if len(values) > 1 else []
    found += [f"{verb} needs {name}" for name in sorted(table.required - values.keys())]
    for name, (legal, complaint) in _SYNTAX.items():
        if name in values and not legal(values[name]):
            found.append(f"{name} {shown(values[name])} {complaint}")
    return found + _date_complaints(values)


def _date_complaints(values: dict[str, str]) -> list[str]:
    found = []
    for name in ("from", "until"):
        try:
            datestamps.parse_since(values.get(name, "2000-01-01"))
        except DateError as error:
            found.append(f"{name}: {shown(str(error), 160)}")
    if found or not {"from", "until"} <= values.keys():
        return found
    if datestamps.is_day(values["from"]) != datestamps.is_day(values["until"]):
        return ["from and until must have the same granularity"]
    if datestamps.parse_since(values["from"]) > datestamps.parse_until(values["until"]):
        return ["from is later than until"]
    return []


def _selection(values: dict[str, str]) -> Selection:
    return Selection(
        since=datestamps.parse_since(values["from"]) if "from" in values else None,
        until=datestamps.parse_until(values["until"]) if "until" in values else None,
        set=values.get("set"),
    )


def shown(text: str, most: int = 80) -> str:
    """A client's text inside a message of ours: shortened, without what XML cannot hold."""
    clean = ILLEGAL_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= most else clean[: most - 3] + "..."
