"""The provider: one request in, one whole answer out; every OaiError becomes XML here and nowhere else."""

import time
from collections.abc import Callable

from repository.formats import OAI_FORMATS, Format
from repository.log import Log, Reading
from repository.log.rows import FORMAT_SET
from repository.model import datestamps
from repository.model.errors import IdentifierError
from repository.model.records import Record, Selection
from repository.model.settings import Settings
from repository.oai import xml
from repository.oai.errors import Code, OaiError, oai_error
from repository.oai.lists import PREFIXES, Lists, cannot_disseminate, rendered
from repository.oai.request import Pairs, Request, parse, shown


class Provider:
    """OAI-PMH over a record log. `clock` gives seconds since 1970."""

    def __init__(self, log: Log, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._settings = settings
        self._site = settings.site
        self._clock = clock
        self._key = log.token_key()
        self._base_url = self._site.page("oai")
        self._verbs: dict[str, Callable[[Request, Reading, int], str]] = {
            "Identify": self._identify,
            "ListMetadataFormats": self._formats,
            "ListSets": lambda request, reading, now: self._lists(reading, now).sets(request),
            "GetRecord": self._record,
            "ListIdentifiers": lambda request, reading, now: self._lists(reading, now).records(request),
            "ListRecords": lambda request, reading, now: self._lists(reading, now).records(request),
        }

    def answer(self, pairs: Pairs) -> bytes:
        """The XML document (UTF-8) that answers these arguments, errors included.

        The clock is asked before the snapshot is taken: a record that this answer does not show will get a datestamp
        not before its responseDate (see Log._write).
        """
        now = int(self._clock())
        echo: Pairs = pairs
        with self._log.read() as reading:
            date = max(now - 1, reading.newest()[1])
            try:
                request = parse(pairs)
                content = self._verbs[request.verb](request, reading, now)
            except OaiError as error:
                content, echo = xml.errors(error.problems, pairs)
        return xml.envelope(date=date, base_url=self._base_url, pairs=echo, content=content)

    def _lists(self, reading: Reading, now: int) -> Lists:
        return Lists(reading, self._settings, self._site, self._key, now)

    def _identify(self, request: Request, reading: Reading, now: int) -> str:
        earliest = reading.earliest()
        identifier = _sample(reading)
        namespace = "http://www.openarchives.org/OAI/2.0/oai-identifier"
        return (
            "<Identify>\n"
            f"<repositoryName>{xml.text(self._settings.repository_name)}</repositoryName>\n"
            f"<baseURL>{xml.text(self._base_url)}</baseURL>\n"
            "<protocolVersion>2.0</protocolVersion>\n"
            f"<adminEmail>{xml.text(self._settings.admin_email)}</adminEmail>\n"
            f"<earliestDatestamp>{datestamps.format_seconds(now if earliest is None else earliest)}"
            "</earliestDatestamp>\n"
            "<deletedRecord>persistent</deletedRecord>\n"
            "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>\n"
            "<compression>gzip</compression>\n"
            f'<description><oai-identifier xmlns="{namespace}" xsi:schemaLocation="{namespace} {namespace}.xsd">'
            f"<scheme>oai</scheme><repositoryIdentifier>{xml.text(self._site.namespace)}</repositoryIdentifier>"
            "<delimiter>:</delimiter>"
            f"<sampleIdentifier>{xml.text(self._site.oai_identifier(identifier))}</sampleIdentifier>"
            "</oai-identifier></description>\n</Identify>\n"
        )

    def _formats(self, request: Request, reading: Reading, now: int) -> str:
        forms = OAI_FORMATS
        if request.identifier:
            record = self._known(request.identifier, reading)
            forms = tuple(form for form in OAI_FORMATS if form.listing in record.formats)
            if record.deleted or not forms:
                raise oai_error(
                    Code.NO_METADATA_FORMATS, f"{shown(request.identifier)} is deleted: it has no formats"
                )
        content = "".join(map(_format_element, forms))
        return f"<ListMetadataFormats>\n{content}</ListMetadataFormats>\n"

    def _record(self, request: Request, reading: Reading, now: int) -> str:
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
        header = xml.header(record, self._site, deleted=had)
        if had:
            return f"<GetRecord>\n<record>{header}</record>\n</GetRecord>\n"
        metadata = rendered(record, form, self._site)
        if not metadata:
            raise oai_error(
                Code.CANNOT_DISSEMINATE_FORMAT, f"{shown(request.identifier)} cannot be shown as {form.name}"
            )
        return f"<GetRecord>\n<record>{header}<metadata>\n{metadata}</metadata></record>\n</GetRecord>\n"

    def _known(self, text: str, reading: Reading) -> Record:
        try:
            record = reading.get(self._site.from_oai_identifier(text))
        except (IdentifierError, UnicodeDecodeError):
            record = None
        if record is None:
            raise oai_error(Code.ID_DOES_NOT_EXIST, f"{shown(text)} is not the identifier of an item here")
        return record


def _names(record: Record) -> str:
    return ", ".join(form.name for form in OAI_FORMATS if form.listing in record.formats)


def _sample(reading: Reading) -> str:
    """An item that resolves, in oai_dc where there is one; a made-up handle while nothing is kept."""
    for form in OAI_FORMATS:
        for record in reading.page(Selection(), form.listing, limit=100, bodies=False).items:
            if not (record.deleted or record.gone):
                return record.identifier
    return "RePEc:aaa:aaaaaa:1"


def _format_element(form: Format) -> str:
    return (
        f"<metadataFormat><metadataPrefix>{form.name}</metadataPrefix><schema>{form.schema}</schema>"
        f"<metadataNamespace>{form.namespace}</metadataNamespace></metadataFormat>\n"
    )
