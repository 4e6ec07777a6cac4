"""Many records in one request: each is kept or refused by itself, or, where the client wishes so, all or none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from repository.ingest import Drafting
from repository.ingest.hosts import is_series
from repository.log import Reading, Token
from repository.model.records import Draft
from repository.model.work import Work
from repository.readers.reader import Finding, Item, Reader, of_refused
from repository.web import preconditions, sent
from repository.web.private_facts import Made
from repository.web.problems import Problem, answer, errors_of
from repository.web.writing import OUTCOMES, Writing

BATCH_BYTES = 32 << 20
# All or none is one transaction, and others wait for it.
STRICT_RECORDS = 1000
_STRICT = re.compile(r"(?:^|[,;])\s*handling\s*=\s*\"?strict\"?\s*(?:$|[,;])", re.IGNORECASE)


@dataclass(slots=True)
class _Line:
    """One item's line of the report. `told`: what is to be said of its private facts, when it was kept."""

    item: Item
    outcome: str = "refused"
    told: tuple[Finding, ...] = ()
    errors: list[dict[str, Any]] = field(default_factory=list)
    made: Made | None = None

    def refuse(self, rule: str, value: str) -> None:
        found = {"rule": rule, "severity": "error", "value": value, "done": "record refused"}
        self.errors.append({**found, "line": self.item.line} if self.item.line else found)

    def settled(self, reading: Reading) -> Draft:
        """For the transaction that keeps it."""
        assert self.made is not None  # noqa: S101 - refused ones never come here
        draft, self.told = self.made.settled(reading)
        return draft

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = {"identifier": self.item.identifier, "outcome": self.outcome}
        if self.item.line:
            found["line"] = self.item.line
        findings = (*self.item.findings, *self.told) if self.made else of_refused(self.item.findings)
        return {**found, "findings": [*errors_of(findings), *self.errors]}


@dataclass(frozen=True, slots=True)
class Batches:
    writing: Writing

    def post(self) -> Response:
        """Keep what can be kept, and report on every record."""
        writing = self.writing
        token = writing.let_in("write")
        preconditions.refuse(request.environ)
        reader = writing.reader("Accept-Post")
        strict = any(_STRICT.search(each) for each in request.headers.getlist("Prefer"))
        findings, items = writing.read(reader, sent.content(BATCH_BYTES), "the batch")
        lines = self._lines(items, token, reader)
        whole = errors_of(findings)
        kept = [line for line in lines if line.made]
        refused = len(lines) - len(kept) + sum(each.severity == "error" for each in findings)
        if not items and refused:
            raise Problem("unreadable", "No record was found in it.", whole)
        if kept == [] and lines and all(line.errors and _is_scope(line) for line in lines):
            raise Problem(
                "insufficient-scope",
                f"The token {token.name} covers none of these records.",
                headers={"WWW-Authenticate": 'Bearer realm="sheaf", error="insufficient_scope"'},
            )
        if strict and refused:
            rows = [
                {**row, "identifier": line.item.identifier}
                for line in lines
                if not line.made
                for row in line.shown()["findings"]
            ]
            raise Problem(
                "invalid-batch", f"{refused} of the batch are refused, so nothing was kept.", [*whole, *rows]
            )
        self._append(kept, strict)
        body = {
            "outcomes": {
                word: sum(line.outcome == word for line in lines) for word in (*OUTCOMES.values(), "refused")
            },
            "items": [line.shown() for line in lines],
            "findings": whole,
        }
        return answer(body, headers={"Preference-Applied": "handling=strict"} if strict else None)

    def _lines(self, items: list[Item], token: Token, reader: Reader) -> list[_Line]:
        lines = [_Line(item) for item in items]
        drafting = Drafting(self.writing.house.newest())
        # Series first: what they say of themselves fills in the works that name them.
        for hosts in (True, False):
            for line in lines:
                content = line.item.content
                if content is not None and hosts == (isinstance(content, Work) and is_series(content)):
                    self._draft(line, drafting, token, reader)
                    if hosts and isinstance(content, Work) and line.made:
                        drafting.learn(content)
        _refuse_repeated(lines)
        return lines

    def _draft(self, line: _Line, drafting: Drafting, token: Token, reader: Reader) -> None:
        if not token.covers(line.item.identifier):
            line.refuse("out-of-scope", f"the token {token.name} does not cover {line.item.identifier}")
            return
        try:
            line.made = self.writing.draft(drafting, line.item, token, reader)
        except Problem as problem:
            line.errors += [dict(row) for row in problem.errors]

    def _append(self, kept: list[_Line], strict: bool) -> None:
        if not kept:
            return
        lines = {line.made.draft.identifier: line for line in kept if line.made}
        drafts = [line.made.draft for line in lines.values() if line.made]
        self.writing.check_room()
        log = self.writing.house.writer()
        gone = self._gone(list(lines))

        def settle(reading: Reading, drafts: Sequence[Draft]) -> Sequence[Draft]:
            return [lines[draft.identifier].settled(reading) for draft in drafts]

        if strict:
            if len(drafts) > STRICT_RECORDS:
                raise Problem(
                    "too-large", f"At most {STRICT_RECORDS} records are kept all or none; send fewer."
                )
            outcomes = log.append_if(drafts, settle)
        else:
            outcomes = log.append(drafts, settle=settle)
        for line, outcome in zip(kept, outcomes, strict=True):
            revived = outcome == "changed" and line.item.identifier in gone
            line.outcome = OUTCOMES["new" if revived else outcome]

    def _gone(self, identifiers: list[str]) -> set[str]:
        """Those of which there is a tombstone: whoever writes them makes them."""
        with self.writing.house.newest().read() as reading:
            return {record.identifier for record in reading.many(identifiers) if record.deleted}


def _is_scope(line: _Line) -> bool:
    return bool(line.errors[0]["rule"] == "out-of-scope")


def _refuse_repeated(lines: list[_Line]) -> None:
    """The first of an identifier counts, as in files."""
    seen: set[str] = set()
    for line in lines:
        if line.made is None:
            continue
        if line.made.draft.identifier in seen:
            line.made = None
            line.refuse("reused-handle", f"{line.item.identifier} stands in this batch already")
        else:
            seen.add(line.made.draft.identifier)
