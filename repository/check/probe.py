"""What the rows share: one client, what the repository says of itself, and lists walked once. Judges nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from lxml import etree

from repository.check.answer import Answer, Header, named, read, text_of
from repository.check.client import Client, GaveUpError, Limits
from repository.check.dates import SECOND, granularity_of, written
from repository.check.exchange import Exchange, Pairs
from repository.check.schemas import Schemas
from repository.check.sheet import SkippedError
from repository.check.walk import Page, Walk, beyond, ending, page_of

_LATELY = (2, 30, 365, 1500)


@dataclass(frozen=True, slots=True)
class Format:
    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Sight:
    """One answer and all that is known of why it was asked for."""

    answer: Answer
    probe: "Probe"
    prefix: str = ""

    @property
    def where(self) -> str:
        return self.answer.exchange.told()


@dataclass
class Probe:
    """Asks, remembers walks, and shows every answer to `looks`. `set` and `prefix` are what the person chose."""

    client: Client
    limits: Limits
    url: str
    chosen_set: str = ""
    chosen_prefix: str = ""
    looks: Callable[[Sight], None] = lambda _: None
    schemas: Schemas | None = None
    walks: list[Walk] = field(default_factory=list)
    began: str = ""
    gave_up: str = ""
    varied: bool = False
    ended: bool = False
    tasted: bool = False
    _known: dict[tuple[str, tuple[tuple[str, str], ...]], Walk] = field(default_factory=dict)
    _prefix: str = ""

    # -- asking ------------------------------------------------------------------------------------------

    def ask(
        self,
        *pairs: tuple[str, str],
        post: bool = False,
        safe: str = "",
        asked: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> Answer:
        """`prefix`: the format in which records will come, where the request itself does not say it."""
        if self.gave_up:
            raise SkippedError(self.gave_up)
        # Resumed pages do not say their format; the witness below reads it from here.
        self._prefix = prefix or dict(pairs).get("metadataPrefix", "")
        try:
            exchange = self.client.ask(pairs, post=post, safe=safe, asked=asked)
        except GaveUpError as stop:
            self.gave_up = str(stop)
            raise SkippedError(self.gave_up) from None
        return self._answers.pop(id(exchange), None) or read(exchange)

    def witness(self, exchange: Exchange) -> None:
        """Called for every exchange, also for those that only led to another."""
        answer = read(exchange)
        self._answers.clear()
        self._answers[id(exchange)] = answer
        self.looks(Sight(answer, self, self._prefix))

    @cached_property
    def _answers(self) -> dict[int, Answer]:
        return {}

    def get(self, pairs: Pairs) -> Answer:
        return self.ask(*pairs)

    # -- what the repository says of itself ----------------------------------------------------------------

    @cached_property
    def identify(self) -> Answer:
        return self.ask(("verb", "Identify"))

    def says(self, name: str) -> str:
        """Text of an element of Identify; empty where it says nothing."""
        return text_of(self.identify.container, name) if self.identify.verb == "Identify" else ""

    @cached_property
    def granularity(self) -> str:
        """As declared; where that is nonsense, as records have it."""
        declared = self.says("granularity")
        if declared in ("YYYY-MM-DD", SECOND):
            return declared
        stamps = [granularity_of(header.datestamp) for header in self.records.headers]
        return next((found for found in stamps if found), SECOND)

    @cached_property
    def formats(self) -> tuple[Format, ...]:
        return tuple(formats_of(self.ask(("verb", "ListMetadataFormats"))))

    @cached_property
    def prefix(self) -> str:
        if self.chosen_prefix:
            return self.chosen_prefix
        offered = [form.prefix for form in self.formats]
        return "oai_dc" if "oai_dc" in offered or not offered else offered[0]

    @cached_property
    def sets(self) -> Walk:
        return self.walk("ListSets")

    @property
    def has_sets(self) -> bool:
        return "noSetHierarchy" not in self.sets.refused and bool(self.sets.items)

    @cached_property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """The list that all others are parts of: the chosen format, and the chosen set if there is one."""
        chosen = (("set", self.chosen_set),) if self.chosen_set else ()
        return (("metadataPrefix", self.prefix), *chosen)

    @property
    def records(self) -> Walk:
        return self.walk("ListRecords", *self.scope)

    @property
    def identifiers(self) -> Walk:
        return self.walk("ListIdentifiers", *self.scope)

    @cached_property
    def listed(self) -> tuple[Header, ...]:
        """Headers that ListRecords gave, each item once; of ListIdentifiers where that gave none."""
        return tuple((self.records.by_identifier() or self.identifiers.by_identifier()).values())

    @property
    def live(self) -> tuple[Header, ...]:
        return tuple(header for header in self.listed if not header.deleted)

    @property
    def deleted(self) -> tuple[Header, ...]:
        """Of those walked; where there is none, of those stamped lately: a deletion is stamped as it is made."""
        return tuple(header for header in self.listed if header.deleted) or self._lately_deleted

    @cached_property
    def _lately_deleted(self) -> tuple[Header, ...]:
        now = self.identify.exchange.received
        if self.says("deletedRecord") == "no" or self.records.end != "limit":
            return ()
        for days in _LATELY:
            since = ("from", written(now - timedelta(days=days), self.granularity))
            answer = self.ask(("verb", "ListIdentifiers"), *self.scope, since)
            if found := tuple(header for header in answer.headers if header.deleted):
                return found
        return ()

    def a_live_one(self) -> Header:
        if not self.live:
            raise SkippedError("no live record was found to try it on")
        return self.live[0]

    def settled(self, header: Header) -> bool:
        """Whether an item was left alone since the run began, so that two answers about it can be compared."""
        return header.datestamp < self.began[: len(header.datestamp)]

    # -- walking -------------------------------------------------------------------------------------------

    def walk(self, verb: str, *arguments: tuple[str, str], to_the_end: bool = False) -> Walk:
        """A list from its first page on, each asked for once in a run.

        `to_the_end`: however many records it has, as far as `Limits.end_pages`.
        """
        key = (verb, arguments)
        known = self._known.get(key)
        if known is None or (to_the_end and known.end == "limit"):
            walk = self._walked(verb, arguments, to_the_end)
            self._known[key] = walk
            self.walks.append(walk)
        return self._known[key]

    def _walked(self, verb: str, arguments: tuple[tuple[str, str], ...], to_the_end: bool) -> Walk:
        pages: list[Page] = []
        spent = 0.0
        seen: set[str] = set()
        contents: set[tuple[str, ...]] = set()
        answer = self.ask(("verb", verb), *arguments)
        while True:
            pages.append(page_of(answer, verb))
            spent += answer.exchange.seconds
            end, why = ending(answer, verb, seen, contents, pages[-1])
            if not end and self._enough(verb, pages, spent, to_the_end):
                end = "limit"
            if end:
                return Walk(verb, arguments, tuple(pages), end, why)
            seen.add(answer.token)
            contents.add(pages[-1].items)
            answer = self.ask(
                ("verb", verb),
                ("resumptionToken", answer.token),
                prefix=dict(arguments).get("metadataPrefix", ""),
            )

    def _end_pages(self, first: Page) -> int:
        if not (first.items and first.token and first.token.size):
            return self.limits.end_pages
        many = -(-self.limits.end_records // len(first.items))
        return max(self.limits.end_pages, min(self.limits.pages, many))

    def _enough(self, verb: str, pages: list[Page], spent: float, to_the_end: bool) -> bool:
        """At least two pages, so that a token has been used once; but none in vain where the end is too far away."""
        most = self._end_pages(pages[0])
        if to_the_end and beyond(pages[0], most):
            return True
        if len(pages) < 2:
            return False
        if spent > 2 * self.limits.timeout:
            return True
        if to_the_end:
            return len(pages) >= most
        if verb == "ListSets":
            return len(pages) >= self.limits.set_pages
        count = sum(len(page.items) for page in pages)
        return count >= self.limits.records or len(pages) >= self.limits.pages


def formats_of(answer: Answer) -> Iterator[Format]:
    for element in answer.children("metadataFormat"):
        yield Format(
            text_of(element, "metadataPrefix"),
            text_of(element, "schema"),
            text_of(element, "metadataNamespace"),
        )


def names_of(element: etree._Element | None, name: str) -> list[str]:
    return [(child.text or "").strip() for child in named(element, name)] if element is not None else []
