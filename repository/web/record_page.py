"""The page of one record for people: what the template needs that the Work alone does not tell.

Titles of linked things are looked up here, never guessed. No markup is written here; that is the template's.
"""

from dataclasses import dataclass

from repository.assembly import House
from repository.log import Reading
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.work import Work
from repository.web import inbound, questions, variants
from repository.web.html import Html
from repository.web.inbound import Target


def render(house: House, html: Html, record: Record) -> bytes:
    assert record.body is not None  # noqa: S101 - tombstones never come here
    work = read_work(record.identifier, record.body)
    with house.log.read() as reading:
        return html.render(
            "record.html",
            work=work,
            record=record,
            view=_View(reading, work),
            queries=questions.of_record(house.site, work),
            sections=inbound.sections(reading, house.site, work),
            # People come for BibTeX; programs know what they want.
            formats=sorted(
                variants.of_record(record, house.site, bytes)[:-1], key=lambda each: each.extension != "bib"
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
            ("Works", work.made),
            ("Editor of", work.edited),
            ("Other versions", work.has_versions),
            ("Version of", work.version_of),
            ("Parts", work.has_parts),
            ("Replaces", work.replaces),
            ("Replaced by", work.replaced_by),
        )
        return [
            (heading, inbound.targets(self.reading, identifiers))
            for heading, identifiers in table
            if identifiers
        ]

    def cited(self) -> tuple[Target, ...]:
        return inbound.targets(self.reading, self.work.cites)

    def part_of(self) -> tuple[Target, ...]:
        """The series or journal, by the name that the record gives it."""
        work = self.work
        if len(work.part_of) == 1 and work.host:
            return (Target(work.part_of[0], work.host),)
        return inbound.targets(self.reading, work.part_of)

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
