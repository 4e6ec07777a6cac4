"""Row A2: what comes by POST is what comes by GET (OAI-PMH 3.1.1.2)."""

from collections.abc import Iterator
from datetime import timedelta

from repository.check.answer import Answer, digest, elements, local
from repository.check.dates import granularity_of, moved, written
from repository.check.exchange import Pairs
from repository.check.probe import Probe
from repository.check.row import Row
from repository.check.rows.asking import NO_SUCH, STRANGER, pairs, tokens
from repository.check.sheet import Sheet

_LISTS = ("ListRecords", "ListIdentifiers", "ListSets")


def a2(sheet: Sheet, probe: Probe) -> None:
    """Each kind of request once by GET and at once again by POST."""
    for request in (*_each_argument(probe), *_good_ones(probe)):
        by_get, by_post = probe.ask(*request), probe.ask(*request, post=True)
        if by_post.exchange.status != 200 and by_get.exchange.status == 200:
            sheet.wrong(f"HTTP {by_post.exchange.status} where GET gives 200", by_post.exchange.told())
        else:
            same = _essence(by_get) == _essence(by_post)
            sheet.judge(
                same, f"{by_post.told()}, by GET {by_get.told()}: not the same", by_post.exchange.told()
            )


def _each_argument(probe: Probe) -> Iterator[Pairs]:
    """Requests with each argument of each verb, whose answers would be others without it.

    Nothing is in such ranges and sets: an argument that is lost turns a short error into a list.
    """
    dc, stranger = probe.scope[0], ("identifier", STRANGER + "/a b&c=d%+é")
    before = moved(probe.says("earliestDatestamp"), -1) or "1900-01-01"[: len(probe.granularity)]
    later = written(probe.identify.exchange.received + timedelta(days=366), probe.granularity)
    yield from (pairs("verb=Identify"), pairs("verb=ListMetadataFormats"), pairs("verb=NoSuchVerb"))
    yield ("verb", "ListMetadataFormats"), stranger
    yield ("verb", "GetRecord"), stranger, dc
    yield ("verb", "ListIdentifiers"), dc, dc
    for verb in _LISTS:
        yield ("verb", verb), ("resumptionToken", NO_SUCH)
    for verb in _LISTS[:2]:
        yield ("verb", verb), ("metadataPrefix", NO_SUCH)
        yield ("verb", verb), dc, ("from", later)
        yield ("verb", verb), dc, ("until", before)
        yield ("verb", verb), dc, ("set", NO_SUCH)


def _good_ones(probe: Probe) -> Iterator[Pairs]:
    """Requests that get records, with values as the repository itself gave them."""
    dc = probe.scope[0]
    yield ("verb", "ListIdentifiers"), *probe.scope
    yield ("verb", "ListRecords"), *probe.scope
    for header in probe.live[:1]:
        one = ("identifier", header.identifier)
        yield ("verb", "GetRecord"), one, dc
        yield ("verb", "GetRecord"), one, ("metadataPrefix", NO_SUCH)
        yield ("verb", "ListMetadataFormats"), one
        stamp = header.datestamp
        if granularity_of(stamp):
            sets = tuple(("set", spec) for spec in header.sets[:1])
            yield ("verb", "ListIdentifiers"), dc, ("from", stamp), ("until", stamp), *sets
    for verb, token in tokens(probe).items():
        yield ("verb", verb), ("resumptionToken", token)


def _essence(answer: Answer) -> object:
    """An answer without what may differ between two moments: the date, and how tokens are written."""
    if answer.root is None:
        return answer.exchange.status
    kept = (answer.request, answer.container, *(e for e in elements(answer.root) if local(e) == "error"))
    tokens = tuple((bool(token.text), token.cursor, token.size) for token in answer.tokens)
    plain = [part for part in kept if part is not None]
    return local(answer.root), tokens, [digest(part, masked=("resumptionToken",)) for part in plain]


A2 = Row(
    id="A2",
    rule="GET and POST (application/x-www-form-urlencoded) give the same",
    todo="read the arguments of a POST from its body, and answer as to a GET",
    ask=a2,
)
