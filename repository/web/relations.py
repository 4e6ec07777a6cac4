"""Links that a client names in its Link header (RFC 8288): which of them have a relation that we ask about."""

import re
from collections.abc import Iterator

from repository.web.problems import Problem

_LINK = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]+)))?)?", re.ASCII
)


def targets(header: str, relation: str) -> Iterator[str]:
    """The targets, as they are written, of links with this relation. Raises Problem (400) for no Link header."""
    text, at = header.strip(), 0
    while at < len(text):
        link = _LINK.match(text, at)
        if link is None:
            if not text[at:].strip(" ,\t"):
                return
            raise Problem(
                "bad-request", f"Link cannot be understood from character {at} on: {text[at : at + 40]!r}."
            )
        at, said = link.end(), dict[str, str]()
        while parameter := _PARAMETER.match(text, at):
            name, quoted, plain = parameter.groups()
            # The first counts.
            said.setdefault((name or "").lower(), plain or re.sub(r"\\(.)", r"\1", quoted or ""))
            at = parameter.end()
        rest = text[at:].lstrip()
        if rest and not rest.startswith(","):
            raise Problem("bad-request", f"Link cannot be understood from character {at} on: {rest[:40]!r}.")
        # A link from something else says nothing of what the request is about.
        if relation in said.get("rel", "").lower().split() and "anchor" not in said:
            yield link[1].strip()
