"""The provider: one request in, one whole answer out; every OaiError becomes XML here and nowhere else."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from repository.formats import OAI_FORMATS, Format
from repository.log import Log, Reading
from repository.log.rows import FORMAT_SET
from repository.model.errors import IdentifierError
from repository.model.records import Record
from repository.model.settings import Settings
from repository.model.site import Site
from repository.oai import xml
from repository.oai.chunks import Chunks
from repository.oai.errors import Code, OaiError, oai_error
from repository.oai.identify import identify
from repository.oai.lists import PREFIXES, Lists, cannot_disseminate
from repository.oai.pieces import Document, Piece
from repository.oai.request import Pairs, Request, parse, shown
from repository.oai.show import Show

_TURN_SECONDS = 0.01


class Provider:
    """OAI-PMH over a record log. `chunks` keeps what was rendered; `clock` gives seconds since 1970."""

    def __init__(
        self,
        log: Log,
        settings: Settings,
        *,
        chunks: Chunks | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._chunks = chunks
        self._turn = threading.Lock()
        self._log = log
        self._settings = settings
        self._site = settings.site
        self._clock = clock
        self._key = log.token_key()
        self._base_url = self._site.page("oai")
        self._verbs: dict[str, Callable[[Request, Reading, int], Sequence[bytes | Piece]]] = {
            "Identify": lambda _, reading, now: [identify(settings, reading, now).encode()],
            "ListMetadataFormats": lambda request, reading, _: [self._formats(request, reading).encode()],
            "ListSets": lambda request, reading, now: self._lists(reading, now).sets(request),
            "GetRecord": lambda request, reading, _: self._record(request, reading),
            "ListIdentifiers": lambda request, reading, now: self._lists(reading, now).records(request),
            "ListRecords": lambda request, reading, now: self._lists(reading, now).records(request),
        }

    def answer(self, pairs: Pairs) -> bytes:
        """The XML document (UTF-8) that answers these arguments, errors included."""
        return self.document(pairs).identity()

    def document(self, pairs: Pairs) -> Document:
        """The same, in parts that may have been deflated before."""
        # Threads that join pages at once mostly wait for the interpreter's lock, which costs a third of their time.
        # So they take turns; a page that has to be rendered takes longer than anybody waits here.
        held = self._turn.acquire(timeout=_TURN_SECONDS)
        try:
            return self._document(pairs)
        finally:
            if held:
                self._turn.release()

    def _document(self, pairs: Pairs) -> Document:
        """The clock is asked before the snapshot is taken: a record that this answer does not show will get a datestamp
        not before its responseDate (see Log._write)."""
        now = int(self._clock())
        echo: Pairs = pairs
        content: Sequence[bytes | Piece]
        sure = self._log.sure_until(now)
        with self._log.read() as reading:
            date = max(sure, reading.newest()[1])
            try:
                request = parse(pairs)
                content = self._verbs[request.verb](request, reading, now)
            except OaiError as error:
                told, echo = xml.errors(error.problems, pairs)
                content = [told.encode()]
        before, behind = xml.envelope(date=date, base_url=self._base_url, pairs=echo)
        return Document([before, *content, behind])

    def _lists(self, reading: Reading, now: int) -> Lists:
        return Lists(reading, self._settings, self._site, self._key, now, self._chunks)

    def _formats(self, request: Request, reading: Reading) -> str:
        forms = OAI_FORMATS
        if request.identifier:
            record = self._known(request.identifier, reading)
            forms = tuple(form for form in OAI_FORMATS if form.listing in record.formats)
            if record.deleted or not forms:
                # What lives may be in none: of a type for RDF alone, with a statement that RDF/XML cannot write.
                why = "is deleted: it has no formats" if record.deleted else "cannot be given in any format"
                raise oai_error(Code.NO_METADATA_FORMATS, f"{shown(request.identifier)} {why}")
        content = "".join(_format_element(form, self._site) for form in forms)
        return f"<ListMetadataFormats>\n{content}</ListMetadataFormats>\n"

    def _record(self, request: Request, reading: Reading) -> list[bytes | Piece]:
        record = self._known(request.identifier, reading)
        form = PREFIXES.get(request.prefix)
        if form is None:
            raise cannot_disseminate(request.prefix)
        had = record.deleted or form.listing not in record.formats
        if had and FORMAT_SET + form.listing not in reading.had(record.identifier):
            raise oai_error(
                Code.CANNOT_DISSEMINATE_FORMAT,
                f"{shown(request.identifier)} cannot be given as {form.name}; it has {_names(record)}",
            )
        show = Show(self._site, self._settings.metadata_licence, form, True, None)
        # What the record can no longer be given in is shown as the lists show it.
        shown_as = replace(record, gone=True, body=None) if had else record
        (content,) = show.texts(reading, [shown_as])
        if not content:
            raise oai_error(
                Code.CANNOT_DISSEMINATE_FORMAT, f"{shown(request.identifier)} cannot be shown as {form.name}"
            )
        return [b"<GetRecord>\n", content, b"</GetRecord>\n"]

    def _known(self, text: str, reading: Reading) -> Record:
        try:
            record = reading.get(self._site.from_oai_identifier(text))
        except (IdentifierError, UnicodeDecodeError):
            record = None
        if record is None:
            raise oai_error(Code.ID_DOES_NOT_EXIST, f"{shown(text)} is not the identifier of an item here")
        return record


def _names(record: Record) -> str:
    return ", ".join(form.name for form in OAI_FORMATS if form.listing in record.formats) or "none"


def _format_element(form: Format, site: Site) -> str:
    return (
        f"<metadataFormat><metadataPrefix>{form.name}</metadataPrefix><schema>{site.external(form.schema)}</schema>"
        f"<metadataNamespace>{form.namespace}</metadataNamespace></metadataFormat>\n"
    )
