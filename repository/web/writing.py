"""The doors that write: one record by PUT and DELETE, many by POST. What is sent is read apart, never in this process.

Who may come in is told in `access`, how a body is taken in `sent`, how answers look in `problems`.
"""

import codecs
import contextlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urljoin

from flask import Response, request

from repository import crash
from repository.assembly import House
from repository.formats.provenance import TOKEN_SOURCE
from repository.ingest import BusyError, Drafting, TooManyError
from repository.log import Outcome, Reading, Token
from repository.model import bodies
from repository.model.errors import DoctypeError, IdentifierError, LogError, SheafError, SourceError
from repository.model.identifiers import normalise
from repository.model.records import Draft, Record
from repository.readers.doubts import REFUSED_FROM_WRITERS
from repository.readers.media_types import TYPES, reader_of
from repository.readers.reader import Finding, Item, Reader
from repository.web import preconditions, record_page, relations, sent, variants
from repository.web.access import Access, check_scope
from repository.web.html import Html
from repository.web.private_facts import Made
from repository.web.problems import Problem, answer, error_of, errors_of

RECORD_BYTES = 4 << 20
# Below so much room on the disk nothing is taken: the log needs some to stay whole.
_ROOM_BYTES = 64 << 20

# As often as the log notes it (`repository.log.tokens`).
_NOTED_SECONDS = 60

OUTCOMES: dict[Outcome, str] = {"new": "created", "changed": "replaced", "unchanged": "unchanged"}


@dataclass(frozen=True, slots=True)
class Writing:
    house: House
    html: Html
    access: Access

    def put(self, path: str) -> Response:
        """Keep one record under the identifier of the address."""
        token, identifier = self.admitted(path, "write")
        reader = self.reader("Accept-Put")
        findings, items = self.read(reader, sent.content(RECORD_BYTES), identifier, about=identifier)
        item = _only(items, findings, identifier)
        made = self.draft(Drafting(self.house.newest()), item, token, reader)
        crash.point("put.read")
        outcome, told = self._append(made)
        crash.point("put.kept")
        url = self.house.site.record(identifier)
        body = {"identifier": identifier, "outcome": OUTCOMES[outcome], "record": url}
        headers = {"Content-Location": url} | self._tag(made.draft)
        return answer(
            body | {"findings": errors_of((*findings, *item.findings, *told))},
            201 if outcome == "new" else 200,
            headers | ({"Location": url} if outcome == "new" else {}),
        )

    def delete(self, path: str) -> Response:
        """Leave a tombstone; doing so again changes nothing."""
        token, identifier = self.admitted(path, "delete")
        _check_arguments("successor")
        heir = self._successor(identifier)
        source = TOKEN_SOURCE + token.name
        self._append(Made(Draft(identifier, None, source=source, agent=token.name, successor=heir)))
        return answer(None, 204)

    def let_in(self, right: str) -> Token:
        return self.access.token(request.environ, right, self._note_use)

    def _note_use(self, token: Token, client: str) -> None:
        if (
            token.used is not None
            and token.used > time.time() - _NOTED_SECONDS
            and token.client == client[:100]
        ):
            return
        # Nobody is kept out because it could not be noted.
        with contextlib.suppress(LogError):
            self.house.writer().note_token_use(token.id, client)

    def admitted(self, path: str, right: str) -> tuple[Token, str]:
        token = self.let_in(right)
        identifier = normalise(path)
        check_scope(token, identifier)
        preconditions.check(request.environ)
        return token, identifier

    def reader(self, header: str) -> Reader:
        """The reader for what is sent. Raises Problem (415), which names those there are."""
        found, known = reader_of(request.headers.get("Content-Type", "")), ", ".join(TYPES)
        if found is None:
            raise Problem(
                "unsupported-type",
                f"Name one of these in Content-Type: {known}.",
                [_row("unsupported-type", request.headers.get("Content-Type", "") or "no Content-Type")],
                headers={header: known, "Accept": known},
            )
        charset = request.mimetype_params.get("charset", "utf-8")
        if _encoding(charset) not in ("utf-8", "ascii"):
            raise Problem(
                "unsupported-type",
                f"Send it in UTF-8: the charset {charset[:80]!r} is not read here.",
                [_row("unsupported-charset", charset)],
                headers={header: known, "Accept": known},
            )
        return found

    def read(
        self, reader: Reader, data: bytes, name: str, about: str = ""
    ) -> tuple[list[Finding], list[Item]]:
        """Findings about the whole, and items. Raises Problem where it cannot be read as a whole."""
        if "charset" in request.mimetype_params:
            _check_utf8(data)
        try:
            found = self.house.apart.read(reader.name, data, self.house.site, name=name, about=about)
        except TooManyError as error:
            raise Problem("too-large", f"As {reader.name}: {error}.") from None
        except DoctypeError as error:
            raise Problem("doctype", f"As {reader.name}: {error}.", [_row("doctype", str(error))]) from None
        except SourceError as error:
            raise Problem(
                "unreadable", f"As {reader.name}: {error}.", [_row("unreadable", str(error))]
            ) from None
        except BusyError:
            raise Problem(
                "busy", "It could not be read now; try again.", headers={"Retry-After": "5"}
            ) from None
        return (
            [each for each in found if isinstance(each, Finding)],
            [_refused(each) for each in found if isinstance(each, Item)],
        )

    def draft(self, drafting: Drafting, item: Item, token: Token, reader: Reader) -> Made:
        """Raises Problem where no record can be made of it."""
        assert item.content is not None  # noqa: S101 - refused ones never come here
        try:
            draft, work = drafting.draft(
                item, item.content, TOKEN_SOURCE + token.name, agent=token.name, reader=reader.name
            )
        except LogError:
            # What a work takes over from its series could not be looked up: no fault of what was sent.
            raise
        except SheafError as error:
            raise Problem("invalid-record", str(error), [_row("impossible-record", str(error))]) from None
        return Made(draft, work, reader)

    def check_room(self) -> None:
        if shutil.disk_usage(self.house.settings.data).free < _ROOM_BYTES:
            raise Problem("disk-full", "The disk of the repository is nearly full; nothing was kept.")

    def _append(self, made: Made) -> tuple[Outcome, tuple[Finding, ...]]:
        self.check_room()
        before: list[Record | None] = []
        told: list[Finding] = []

        def settle(reading: Reading, _: Sequence[Draft]) -> Sequence[Draft]:
            draft, findings = made.settled(reading)
            before.append(self._check(draft, reading))
            told.extend(findings)
            return [draft]

        (outcome,) = self.house.writer().append_if([made.draft], settle)
        # Nothing was there to be read: whoever writes it makes it (RFC 9110, 9.3.4).
        revived = outcome == "changed" and before[-1] is not None and before[-1].deleted
        return "new" if revived else outcome, tuple(told)

    def _check(self, draft: Draft, reading: Reading) -> Record | None:
        """Inside the transaction: is the record as the writer supposes? Gives it as it is."""
        old = _as_shown(reading, draft.identifier)
        if draft.body is None and old is None:
            raise Problem("unknown-record", f"{draft.identifier} was never kept here.")
        # Who says the same again did not hear the answer, or knows what he does (RFC 9110, 13.1.1).
        repeats = "HTTP_IF_NONE_MATCH" not in request.environ and _same(draft, old, reading)
        if not repeats and not preconditions.hold(old, self._variants(old), request.environ):
            raise Problem(
                "condition-failed",
                f"{draft.identifier} is not as If-Match, If-None-Match or If-Unmodified-Since supposes: "
                "read it again, and see what has changed.",
            )
        return old

    def _variants(self, record: Record | None) -> tuple[variants.Variant, ...]:
        if record is None or record.body is None:
            return ()
        page = partial(record_page.render, self.house, self.html, record)
        return variants.of_record(record, self.house.site, page)

    def _tag(self, draft: Draft) -> dict[str, str]:
        """That of the first representation (Turtle). None where another has written since: with the tag of what they
        wrote, whoever wrote this could replace it unseen."""
        with self.house.writer().read() as reading:
            record = _as_shown(reading, draft.identifier)
        if draft.body is None or record is None or record.digest != bodies.digest(draft.body):
            return {}
        return {"ETag": next(preconditions.tags(self._variants(record)), '""')}

    def _successor(self, identifier: str) -> str | None:
        """From `?successor=`, or a Link to one of our things. Raises Problem where it cannot be one."""
        given = {
            *request.args.getlist("successor"),
            *relations.targets(request.headers.get("Link", ""), "successor-version"),
        }
        if not given:
            return None
        site = self.house.site
        found = set()
        for text in given:
            try:
                address = urljoin(site.record(identifier), text) if text.startswith(("/", ".")) else text
                found.add(site.identifier_of(address) or normalise(text))
            # ValueError is urljoin's word for what is no address, such as //[a
            except (IdentifierError, ValueError) as error:
                raise Problem("bad-successor", str(error), [_row("bad-successor", text)]) from None
        if len(found) > 1:
            named = ", ".join(sorted(found))
            raise Problem(
                "bad-successor", f"Name one successor, not {named}.", [_row("bad-successor", named)]
            )
        (heir,) = found
        record = self.house.newest().get(heir)
        if heir == identifier or record is None or record.deleted:
            text = f"{heir} is not another record that is kept here."
            raise Problem("bad-successor", text, [_row("bad-successor", heir)])
        return heir


def _as_shown(reading: Reading, identifier: str) -> Record | None:
    """A record with all that its representations say."""
    record = reading.get(identifier)
    return replace(record, formers=reading.formers(identifier)) if record and record.body else record


def _encoding(charset: str) -> str:
    try:
        return codecs.lookup(charset.strip()).name
    except (LookupError, ValueError):
        return ""


def _check_utf8(data: bytes) -> None:
    """Raises Problem where the content is not in the charset that its sender names."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        text = f"byte {error.start} is 0x{data[error.start]:02X}, which is not UTF-8"
        raise Problem(
            "unreadable", f"The content is not in its charset: {text}.", [_row("encoding", text)]
        ) from None


def _check_arguments(*known: str) -> None:
    """Raises Problem (400) for what nobody reads: a deletion by a mistyped argument cannot be taken back."""
    for name in request.args:
        if name not in known:
            raise Problem("bad-request", f"There is no argument {name[:80]!r} here, only {', '.join(known)}.")


def _row(rule: str, value: str) -> dict[str, str]:
    return {"rule": rule, "severity": "error", "value": value[:1000]}


def _refused(item: Item) -> Item:
    """Not kept where it has a fault that a writer can mend, though of what is harvested it would be."""
    wrong = {each.code for each in item.findings} & REFUSED_FROM_WRITERS
    if not wrong:
        return item
    findings = (
        replace(each, severity="error", done="record refused") if each.code in wrong else each
        for each in item.findings
    )
    return replace(item, content=None, findings=tuple(findings))


def _same(draft: Draft, old: Record | None, reading: Reading) -> bool:
    if old is None:
        return False
    if draft.body is None or old.digest is None:
        return draft.body is None and old.digest is None and draft.successor in (None, old.successor)
    if (bodies.digest(draft.body), tuple(sorted(set(draft.sets)))) != (old.digest, old.sets):
        return False
    return dict(draft.private) == dict(reading.private(draft.identifier))


def _only(items: Sequence[Item], findings: Sequence[Finding], identifier: str) -> Item:
    """The one record there must be. Raises Problem (422) otherwise."""
    errors = [*errors_of(findings), *(error_of(each) for item in items[:5] for each in item.findings)]
    if len(items) != 1:
        named = ", ".join(item.identifier or "one without identifier" for item in items[:5]) or "none"
        row = _row("not-one-record", f"{len(items)} records: {named}")
        raise Problem(
            "not-one-record",
            f"{len(items)} records were found ({named}); send one here, or many to /records.",
            [row, *errors],
        )
    (item,) = items
    if item.content is None:
        why = next((each.text for each in item.findings if each.severity == "error"), "it is refused")
        raise Problem("invalid-record", f"{item.identifier or identifier}: {why}.", errors)
    if item.identifier != identifier:
        row = _row("other-identifier", item.identifier)
        raise Problem(
            "other-identifier",
            f"The content is about {item.identifier}, the address about {identifier}.",
            [row, *errors],
        )
    return item
