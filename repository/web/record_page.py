"""The page of one record for people: what the template needs that the Work alone does not tell.

Titles of linked things are looked up here, never guessed. No markup is written here; that is the template's.
"""

from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from repository.assembly import House
from repository.formats.schemaorg import embedded
from repository.log import Neighbours, Reading
from repository.model.records import Record
from repository.model.work import Work
from repository.web import inbound, questions, series, variants
from repository.web.head import head_tags
from repository.web.html import Html
from repository.web.signposts import SHADOWS, Signposts, work_of
from repository.web.targets import Target, targets


def render(house: House, html: Html, record: Record, near: Neighbours | None = None) -> bytes:
    """The page; with the versions `near` this one, that of a version: what links here now has no place on it."""
    assert record.body is not None  # noqa: S101 - tombstones never come here
    work = work_of(record.identifier, record.body)
    site = house.site
    with house.log.read() as reading:
        # A version's own addresses say which entry they mean, so that no other record has one of them.
        taken = frozenset() if near else variants.shadowed(reading, work.identifier, SHADOWS)
        return html.render(
            "version.html" if near else "record.html",
            work=work,
            record=record,
            near=near,
            address=partial(site.version, record.seq, work.identifier)
            if near
            else partial(site.record, work.identifier),
            view=_View(reading, work),
            signs=Signposts(house.site, work.identifier, (), record, house.settings.metadata_licence, taken),
            # Safe as it is: it holds no `<`, and a script element ends by nothing else.
            described=Markup(embedded(work, house.site)),  # noqa: S704
            tags=() if near else head_tags(work, site),
            queries=() if near else questions.of_record(site, work),
            sections=() if near else inbound.sections(reading, site, work),
            # People come for BibTeX; programs know what they want.
            formats=sorted(
                (form for form in variants.of_record(record, site, bytes, taken)[:-1] if not form.shadowed),
                key=lambda each: each.extension != "bib",
            ),
        )


@dataclass(frozen=True, slots=True)
class _View:
    """Lists and lines of the page, made when the template asks."""

    reading: Reading
    work: Work

    def related(self) -> list[tuple[str, tuple[Target, ...]]]:
        """(heading, things) for each kind of relation that the record itself states."""
        work = self.work
        table: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("Editor of", work.edited),
            ("Other versions", work.has_versions),
            ("Version of", work.version_of),
            ("Parts", work.has_parts),
            *self._chain(),
        )
        return [
            (heading, targets(self.reading, identifiers)) for heading, identifiers in table if identifiers
        ]

    def _chain(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        work = self.work
        if work.type not in ("series", "journal"):
            return (("Replaces", work.replaces), ("Replaced by", work.replaced_by))
        return (
            ("Goes on from", series.before(self.reading, work)),
            ("Went on as", series.after(self.reading, work)),
        )

    def cited(self) -> tuple[Target, ...]:
        return targets(self.reading, self.work.cites)

    def part_of(self) -> tuple[Target, ...]:
        """The series or journal, by the name that the record gives it."""
        work = self.work
        if len(work.part_of) == 1 and work.host:
            return (Target(work.part_of[0], work.host),)
        return targets(self.reading, work.part_of)

    def place(self) -> str:
        """`381 (C), 1-20`: where in its host the work stands."""
        work = self.work
        issue = f"({work.issue})" if work.issue else ""
        volume = " ".join(filter(None, (work.volume, issue)))
        pages = work.pages or "-".join(filter(None, (work.page_start, work.page_end)))
        number = f"No. {work.number}" if work.number else ""
        chapter = f"chapter {work.chapter}" if work.chapter else ""
        edition = f"edition {work.edition}" if work.edition.isdigit() else work.edition
        return ", ".join(filter(None, (volume, number, chapter, edition, pages and f"pages {pages}")))
