"""What the page of a work says that its own record does not: its series, what its references mean, what links to it.

Everything is gathered here in few statements, for the page to be made in a millisecond. No markup, no headers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from repository.log import Around, Reading
from repository.model.identifiers import archive_of, is_identifier
from repository.model.references import names_in
from repository.model.site import Site, doi_iri
from repository.model.terms import DOI
from repository.model.work import Work
from repository.web import inbound, series
from repository.web.html import href
from repository.web.signposts import work_of
from repository.web.targets import Target, described, of_bodies, present

# So many of a kind stand on the page itself; what goes beyond is on pages of its own (`outbound`).
MOST_PEOPLE = 50
MOST_REFERENCES = 25
MOST_SUBJECTS = 60
MOST_FILES = 30
MOST_RELATED = 25

# What a record keeps of the source about ordering, by field: how the page calls it.
ORDERING = {"Order-Homepage": "", "Order-Postal": "", "Order-URL": "", "Price": "Price"}

# Of these, what a browser may not be sent to is no way to order anything.
_ADDRESSES = ("Order-Homepage", "Order-URL")
_GONE = "deleted"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: its text as the record has it (empty for a plain link), and the record here that it means."""

    number: int
    text: str
    target: Target | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`series`: the record of what the work stands in; `sections`: lists of what links here; `archive`: that of its
    handle, where it has a record; `people`: (identifier, name) of authors and editors whom the work's record only links
    to, where they have a record with a name."""

    hosts: tuple[Target, ...] = ()
    series: Work | None = None
    related: tuple[tuple[str, tuple[Target, ...], int], ...] = ()
    references: tuple[Reference, ...] = ()
    sections: tuple[inbound.Section, ...] = ()
    ordering: tuple[tuple[str, str], ...] = ()
    citing: inbound.Section | None = field(default=None)
    archive: Target | None = None
    people: tuple[tuple[str, str], ...] = ()

    def signed(self, work: Work) -> Work:
        """The work with those people called by their names."""
        names = dict(self.people)
        if not names:
            return work
        creators, editors = (
            tuple(replace(one, name=names[one.name]) if one.name in names else one for one in people)
            for people in (work.creators, work.editors)
        )
        return replace(work, creators=creators, editors=editors)


def gather(reading: Reading, site: Site, work: Work, *, now: bool) -> Facts:
    """All facts about a work; not `now` is about a version, on whose page what links here today has no place."""
    around = reading.around(work.identifier) if now else None
    follows = work.type in ("series", "journal")
    before, after = (
        (series.before(reading, work, around), series.after(reading, work, around)) if follows else ((), ())
    )
    related = _related(work, before, after)
    cites, texts = work.cites[:MOST_REFERENCES], _shown_texts(work)
    named = _named(around, texts)
    held = reading.holders(name for names in named.values() for name in names if name.startswith(DOI))
    meant = {number: tuple(held.get(name, name) for name in names) for number, names in named.items()}
    archive = archive_of(work.identifier) or ""
    unnamed = _unnamed(work)
    wanted = [
        *([archive] if archive else []),
        *unnamed,
        *work.part_of[:MOST_RELATED],
        *cites,
        *(name for _, names in related for name in names[:MOST_RELATED]),
        *(name for names in meant.values() for name in names),
    ]
    bodies, moved = present(reading, wanted)

    def now_called(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(moved.get(name, name) for name in names)

    gone = _gone(reading, now_called(wanted), bodies)
    sections = inbound.sections(reading, site, work, around, after) if around else ()
    part_of = now_called(work.part_of[:MOST_RELATED])
    placed = _series(part_of, bodies)
    meant = {number: now_called(names) for number, names in meant.items()}
    return Facts(
        hosts=_hosts(work, part_of, bodies),
        series=placed,
        related=tuple(
            (heading, _told(now_called(names[:MOST_RELATED]), bodies, gone), len(names))
            for heading, names in related
        ),
        references=tuple(_references(work, _told(now_called(cites), bodies, gone), texts, meant, bodies)),
        sections=tuple(section for section in sections if section.key != "citations"),
        ordering=tuple(_ordering(work, placed)),
        citing=next((section for section in sections if section.key == "citations"), None),
        archive=described(archive, bodies[archive])
        if archive in bodies and archive != work.identifier
        else None,
        people=tuple(
            (name, described(called, bodies[called]).title)
            for name, called in zip(unnamed, now_called(unnamed), strict=True)
            if called in bodies
        ),
    )


def _unnamed(work: Work) -> tuple[str, ...]:
    """People who are linked to and nothing else: a graph of foreign make may say no name."""
    shown = (*work.creators[:MOST_PEOPLE], *work.editors[:MOST_PEOPLE])
    return tuple(dict.fromkeys(one.name for one in shown if one.name == one.identifier))


def _gone(reading: Reading, wanted: Iterable[str], bodies: Mapping[str, bytes]) -> frozenset[str]:
    """Those of whom there was a record once: a tombstone is at their address."""
    missing = {name for name in wanted if name not in bodies and is_identifier(name)}
    return reading.ever_kept(missing) if missing else frozenset()


def _told(names: tuple[str, ...], bodies: Mapping[str, bytes], gone: frozenset[str]) -> tuple[Target, ...]:
    """Things by their titles; what is gone has none any more, so it is said to be."""
    found = of_bodies(names, bodies)
    return tuple(replace(each, note=_GONE) if each.identifier in gone else each for each in found)


def _related(
    work: Work, before: tuple[str, ...], after: tuple[str, ...]
) -> list[tuple[str, tuple[str, ...]]]:
    """(heading, identifiers) for each kind of relation that the record itself states, and the chain of its series."""
    table = [
        ("Editor of", work.edited),
        ("Other versions", work.has_versions),
        ("Version of", work.version_of),
        ("Parts", work.has_parts),
    ]
    if work.type in ("series", "journal"):
        table += [("Continues", before), ("Went on as", after)]
    else:
        table += [("Replaces", work.replaces), ("Replaced by", work.replaced_by)]
    return [(heading, names) for heading, names in table if names]


def _series(part_of: tuple[str, ...], bodies: Mapping[str, bytes]) -> Work | None:
    """The record of the series or journal; a chapter is part of its book besides."""
    hosts = (work_of(name, bodies[name]) for name in part_of if name in bodies)
    return next((host for host in hosts if host.type in ("series", "journal")), None)


def _hosts(work: Work, names: tuple[str, ...], bodies: Mapping[str, bytes]) -> tuple[Target, ...]:
    """The series or journal, by the name that the record gives it."""
    if len(names) == 1 and work.host:
        return (Target(names[0], work.host, known=names[0] in bodies),)
    return of_bodies(names, bodies)


def _shown_texts(work: Work) -> tuple[str, ...]:
    return work.references[: max(0, MOST_REFERENCES - len(work.cites))]


def _named(around: Around | None, texts: tuple[str, ...]) -> dict[int, list[str]]:
    """{number of a reference: DOIs and identifiers that its text names}."""
    if not around or not around.named:
        return {}
    found = ((number, list(names_in(text))) for number, text in enumerate(texts, 1))
    return {number: names for number, names in found if names}


def _references(
    work: Work,
    cites: tuple[Target, ...],
    texts: tuple[str, ...],
    meant: Mapping[int, tuple[str, ...]],
    bodies: Mapping[str, bytes],
) -> Iterator[Reference]:
    """Links first, then texts: the numbers of texts are those of their nodes."""
    for target in cites:
        yield Reference(0, "", target)
    for number, text in enumerate(texts, 1):
        known = next((name for name in meant.get(number, ()) if name in bodies), "")
        own = known and known != work.identifier
        yield Reference(number, text, of_bodies([known], bodies)[0] if own else None)


def _ordering(work: Work, placed: Work | None) -> Iterator[tuple[str, str]]:
    """(label, address or text) of how to order the work, else how to order what its series has."""
    for source in (work, placed):
        found = list(_said(source)) if source else []
        yield from found
        if found:
            return


def _said(source: Work) -> Iterator[tuple[str, str]]:
    for line in source.source_fields:
        name, _, value = line.partition(": ")
        if name in ORDERING and (name not in _ADDRESSES or href(value)):
            yield ORDERING[name], value


def doi_of(work: Work) -> str:
    """The address of the work's DOI; empty without one."""
    return doi_iri(work.dois[0]) if work.dois else ""
