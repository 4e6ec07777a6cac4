"""Small correct repositories, written from the protocol alone: neither our provider nor the tool is used here."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.check.proxy import OAI, XSI, Asked, Reply, Serve

DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
VERBS = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WrongError(Exception):
    """An OAI error: code, message."""


@dataclass
class Small:
    """`records`: (identifier, datestamp, setSpecs, title; no title: deleted)."""

    name: str
    granularity: str
    deleted: str
    records: list[tuple[str, str, tuple[str, ...], str]]
    size: int = 100
    sets: tuple[str, ...] = ()
    description: str = ""
    about: str = ""
    base: str = field(default="", compare=False)

    def answer(self, asked: Asked, _: Serve) -> Reply:
        echo = {}
        try:
            arguments = self._arguments(asked.pairs)
            echo = arguments
            inner = self._verb(arguments)
        except WrongError as error:
            code, message = error.args
            if code in ("badVerb", "badArgument"):
                echo = {}
            inner = f'<error code="{code}">{escape(message)}</error>'
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in echo.items())
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<OAI-PMH xmlns="{OAI}" xmlns:xsi="{XSI}" xsi:schemaLocation="{OAI} {OAI}OAI-PMH.xsd">'
            f"<responseDate>{now}</responseDate><request{attributes}>{self.base}</request>{inner}</OAI-PMH>"
        )
        return Reply(200, {"Content-Type": "text/xml; charset=utf-8"}, body.encode())

    def _arguments(self, pairs: list[tuple[str, str]]) -> dict[str, str]:
        verbs = [value for name, value in pairs if name == "verb"]
        if len(verbs) != 1 or verbs[0] not in VERBS:
            raise WrongError("badVerb", "one of the six verbs is due, once")
        required, optional = VERBS[verbs[0]]
        names = [name for name, _ in pairs]
        given = dict(pairs)
        if len(set(names)) != len(names) or not set(names) <= {"verb"} | required | optional:
            raise WrongError("badArgument", "an argument is unknown or repeated")
        if "resumptionToken" in given:
            if len(given) > 2:
                raise WrongError("badArgument", "a token stands alone")
        elif not required <= set(names):
            raise WrongError("badArgument", f"{', '.join(required)} due")
        if any(not value or _NO_XML.search(value) for value in given.values()):
            raise WrongError(
                "badResumptionToken" if "resumptionToken" in given else "badArgument", "no value"
            )
        return given

    def _verb(self, given: dict[str, str]) -> str:
        verb = given["verb"]
        if verb == "Identify":
            earliest = min(record[1] for record in self.records)
            return (
                f"<Identify><repositoryName>{self.name}</repositoryName><baseURL>{self.base}</baseURL>"
                "<protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail>"
                f"<earliestDatestamp>{earliest}</earliestDatestamp><deletedRecord>{self.deleted}</deletedRecord>"
                f"<granularity>{self.granularity}</granularity>{self.description}</Identify>"
            )
        if verb == "ListMetadataFormats":
            if "identifier" in given and self._one(given["identifier"])[3] == "":
                raise WrongError("noMetadataFormats", "it is deleted")
            return (
                "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix>"
                "<schema>http://www.openarchives.org/OAI/2.0/oai_dc.xsd</schema>"
                f"<metadataNamespace>{DC}</metadataNamespace></metadataFormat></ListMetadataFormats>"
            )
        if verb == "ListSets":
            if not self.sets:
                raise WrongError("noSetHierarchy", "there are no sets")
            if "resumptionToken" in given:
                raise WrongError("badResumptionToken", "no such token")
            inside = "".join(
                f"<set><setSpec>{spec}</setSpec><setName>{spec}</setName></set>" for spec in self.sets
            )
            return f"<ListSets>{inside}</ListSets>"
        if verb == "GetRecord":
            record = self._one(given["identifier"])
            self._prefix(given)
            return f"<GetRecord>{self._record(record)}</GetRecord>"
        return self._list(given)

    def _one(self, identifier: str) -> tuple[str, str, tuple[str, ...], str]:
        for record in self.records:
            if record[0] == identifier:
                return record
        raise WrongError("idDoesNotExist", "nothing is called so")

    def _prefix(self, given: dict[str, str]) -> None:
        if not re.fullmatch(r"[A-Za-z0-9\-_.!~*'()]+", given["metadataPrefix"]):
            raise WrongError("badArgument", "no metadataPrefix")
        if given["metadataPrefix"] != "oai_dc":
            raise WrongError("cannotDisseminateFormat", "oai_dc alone is given")

    def _list(self, given: dict[str, str]) -> str:
        verb, start = given["verb"], 0
        if "resumptionToken" in given:
            given, start = self._opened(given["resumptionToken"], verb)
        self._prefix(given)
        found = self._selected(given)
        if not found:
            raise WrongError("noRecordsMatch", "nothing is in that range")
        page = found[start : start + self.size]
        write = self._record if verb == "ListRecords" else self._header
        token = ""
        if start or len(found) > self.size:
            end = start + len(page)
            text = self._token(given, verb, end) if end < len(found) else ""
            token = (
                f'<resumptionToken cursor="{start}" completeListSize="{len(found)}">{text}</resumptionToken>'
            )
        return f"<{verb}>{''.join(map(write, page))}{token}</{verb}>"

    def _selected(self, given: dict[str, str]) -> list[tuple[str, str, tuple[str, ...], str]]:
        since, until = (self._date(given.get(name, "")) for name in ("from", "until"))
        if since and until and (len(since) != len(until) or since > until):
            raise WrongError("badArgument", "from and until do not fit")
        spec = given.get("set")
        if spec is not None and not self.sets:
            raise WrongError("noSetHierarchy", "there are no sets")
        return [
            record
            for record in self.records
            if record[1][: len(since) or None] >= since
            and (not until or record[1][: len(until)] <= until)
            and (spec is None or any(f"{own}:".startswith(f"{spec}:") for own in record[2]))
        ]

    def _date(self, text: str) -> str:
        forms = {10: "%Y-%m-%d", 20: "%Y-%m-%dT%H:%M:%SZ"}
        if not text:
            return ""
        try:
            if len(text) > len(self.granularity) or not text.isascii():
                raise ValueError
            when = datetime.strptime(text, forms.get(len(text), "")).replace(tzinfo=UTC)
            if when.strftime(forms[len(text)]).zfill(len(text)) != text:
                raise ValueError
        except (ValueError, KeyError):
            raise WrongError("badArgument", "no date") from None
        return text

    def _token(self, given: dict[str, str], verb: str, start: int) -> str:
        kept = "&".join(
            f"{name}={given.get(name, '')}" for name in ("metadataPrefix", "from", "until", "set")
        )
        text = f"{start}&{verb}&{kept}"
        return escape(f"{text}&{hashlib.sha256(text.encode()).hexdigest()}")

    def _opened(self, token: str, verb: str) -> tuple[dict[str, str], int]:
        text, _, sign = token.rpartition("&")
        if hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() != sign:
            raise WrongError("badResumptionToken", "not one of ours")
        start, owner, *kept = text.split("&")
        if owner != verb:
            raise WrongError("badResumptionToken", "of another verb")
        pairs = (part.partition("=") for part in kept)
        return {name: value for name, _, value in pairs if value}, int(start)

    def _header(self, record: tuple[str, str, tuple[str, ...], str]) -> str:
        identifier, stamp, specs, title = record
        status = "" if title else ' status="deleted"'
        sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
        return f"<header{status}><identifier>{identifier}</identifier><datestamp>{stamp}</datestamp>{sets}</header>"

    def _record(self, record: tuple[str, str, tuple[str, ...], str]) -> str:
        metadata = (
            f'<metadata><d:dc xmlns:d="{DC}" xmlns="http://purl.org/dc/elements/1.1/" '
            f'xsi:schemaLocation="{DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
            f"<title>{escape(record[3])}</title></d:dc></metadata>{self.about}"
        )
        return f"<record>{self._header(record)}{metadata if record[3] else ''}</record>"


MINIMAL = Small(
    "day, no deletions, no sets, one page",
    "YYYY-MM-DD",
    "no",
    [(f"urn:x:{n}", f"2019-03-{n + 1:02}", (), f"Title {n} < {n + 1}") for n in range(6)],
)
TRANSIENT = Small(
    "second, transient, sets",
    "YYYY-MM-DDThh:mm:ssZ",
    "transient",
    [
        ("oai:small.example.org:b", "2019-03-05T23:59:59Z", ("a:b",), "B"),
        ("oai:small.example.org:a", "2019-03-01T10:00:00Z", ("a",), "A"),
        ("oai:small.example.org:gone", "2019-03-07T10:00:00Z", ("a:b",), ""),
        *((f"oai:small.example.org:{n}", "2019-03-06T00:00:00Z", ("a", "c"), f"N {n}") for n in range(4)),
        ("oai:small.example.org:alone", "2020-01-01T00:00:00Z", (), "Alone"),
    ],
    size=4,
    sets=("a", "a:b", "c", "empty"),
    description=(
        '<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai-identifier '
        'http://www.openarchives.org/OAI/2.0/oai-identifier.xsd"><scheme>oai</scheme>'
        "<repositoryIdentifier>small.example.org</repositoryIdentifier><delimiter>:</delimiter>"
        "<sampleIdentifier>oai:small.example.org:a</sampleIdentifier></oai-identifier></description>"
        '<description><friends xmlns="http://www.openarchives.org/OAI/2.0/friends/" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/friends/ '
        'http://www.openarchives.org/OAI/2.0/friends.xsd"><baseURL>http://other.example.org/oai</baseURL>'
        "</friends></description>"
    ),
    about=(
        '<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/provenance '
        'http://www.openarchives.org/OAI/2.0/provenance.xsd">'
        '<originDescription harvestDate="2019-02-01T00:00:00Z" altered="true">'
        "<baseURL>http://up.example.org/oai</baseURL><identifier>oai:up.example.org:1</identifier>"
        "<datestamp>2019-01-01</datestamp><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/"
        "</metadataNamespace></originDescription></provenance></about>"
    ),
)
