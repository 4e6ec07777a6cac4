"""Steps that many rows share: a request that must be refused, a value that is in no repository. No rule stands here."""

from collections.abc import Iterable

from repository.check.answer import Answer
from repository.check.exchange import Pairs
from repository.check.probe import Probe
from repository.check.sheet import Sheet

NO_SUCH = "no-such-thing-7f3a9c"
STRANGER = "oai:no-such.example.org:7f3a9c"

Codes = frozenset[str]
BAD_ARGUMENT: Codes = frozenset({"badArgument"})
BAD_VERB: Codes = frozenset({"badVerb"})
BAD_TOKEN: Codes = frozenset({"badResumptionToken"})
NO_FORMAT: Codes = frozenset({"cannotDisseminateFormat"})
UNKNOWN: Codes = frozenset({"idDoesNotExist"})
NOTHING: Codes = frozenset({"noRecordsMatch"})
NO_SETS: Codes = frozenset({"noSetHierarchy"})


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """`verb=ListSets&foo=` as pairs; for requests written in tables."""
    return tuple((name, value) for name, _, value in (p.partition("=") for p in text.split("&") if p))


def refused(sheet: Sheet, probe: Probe, request: Pairs, wanted: Codes, also: Codes = frozenset()) -> Answer:
    """The request must get one of the codes wanted. Others may stand beside it: several errors may be told at once."""
    answer = probe.ask(*request)
    codes = set(answer.codes)
    if codes & (wanted | also):
        sheet.ok()
    else:
        expected = " or ".join(sorted(wanted))
        sheet.wrong(f"{answer.told()}, where {expected} is due", answer.exchange.told())
    return answer


def some_of_each(_: Sheet, probe: Probe) -> None:
    """One request of every kind, wrong ones among them, for the rows that judge whatever comes; once in a run."""
    if probe.varied:
        return
    probe.varied = True
    dc = probe.scope[0]
    for request in (
        (("verb", NO_SUCH),),
        (("verb", "Identify"), ("foo", "bar")),
        (("verb", "GetRecord"), ("identifier", STRANGER), dc),
        # What an answer must escape, once and not twice.
        (("verb", "GetRecord"), ("identifier", STRANGER + "?a=b&amp;c"), dc),
        (("verb", "ListIdentifiers"), ("metadataPrefix", NO_SUCH)),
        (("verb", "ListRecords"), dc, ("from", "2001-01-01"), ("until", "2001-01-02")),
        (("verb", "ListRecords"), dc, ("from", "2001-01-01"), ("until", "2099-01-01")),
        (("verb", "ListRecords"), ("resumptionToken", NO_SUCH)),
        *((("verb", "GetRecord"), ("identifier", header.identifier), dc) for header in probe.live[:1]),
        *((("verb", "GetRecord"), ("identifier", header.identifier), dc) for header in probe.deleted[:1]),
    ):
        probe.ask(*request)


def spread(values: Iterable[str], most: int) -> list[str]:
    """A few of many: the first, the last, and some between at even distances."""
    found = list(dict.fromkeys(values))
    if len(found) <= most:
        return found
    return [found[round(n * (len(found) - 1) / (most - 1))] for n in range(most)]


def tokens(probe: Probe) -> dict[str, str]:
    """A token of each verb whose list goes over several pages."""
    found = {}
    for walk in (probe.records, probe.identifiers, probe.sets):
        text = next((page.token.text for page in walk.pages if page.token and page.token.text), "")
        if text:
            found[walk.verb] = text
    return found
