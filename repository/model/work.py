"""`Work`: the bibliographic lens through which crosswalks and readers meet (N + M pieces, not N x M).

Plain frozen values, no RDF: only `repository.model.lens` knows the paths of our graphs.
Tuples whose order means something (creators, editors, files, references, providers, workplaces) keep it; an RDF
graph gives no order to the others, so they come back sorted.
"""

from dataclasses import dataclass

from repository.model.datestamps import date_parts
from repository.model.identifiers import is_handle
from repository.model.vocabulary import WorkType, work_types


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text and its language tag (BCP 47, lower case; empty where the source says none)."""

    value: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A workplace, publisher or provider. `identifier`: its EDIRC handle, or an IRI from elsewhere."""

    name: str
    name_english: str = ""
    homepage: str = ""
    postal: str = ""
    location: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One signature on a work: the name as signed. `identifier`: the person's handle or short-id, or an IRI.

    `given` and `family` are set only where the source tells them apart.
    """

    name: str
    given: str = ""
    family: str = ""
    homepage: str = ""
    identifier: str = ""
    workplaces: tuple[Organisation, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A rendering of the work: URL, MIME type, what it is, who may read it, size in kB as given."""

    url: str
    format: str = ""
    function: str = ""
    restriction: Text | None = None
    size: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A work, or one of the things that works hang on: a series, journal, archive, person or institution.

    Dates are `yyyy`, `yyyy-mm` or `yyyy-mm-dd`, `jel` holds codes (`I11`), `dois` bare lower-case DOIs, `languages`
    two-letter codes; of a foreign graph any of these may be any text (`datestamps.date_parts` helps, `readers.doubts`
    tells). `part_of`, `cites`, `has_versions` and their like hold identifiers. `see_also` holds IRIs, those of things
    of ours under the internal base. `source_fields` are `Field-Name: value` lines of the source for which the profile
    has no property.
    """

    identifier: str
    type: str
    title: Text = Text("")
    alternatives: tuple[Text, ...] = ()
    abstracts: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    creators: tuple[Person, ...] = ()
    editors: tuple[Person, ...] = ()
    providers: tuple[Organisation, ...] = ()
    workplaces: tuple[Organisation, ...] = ()
    files: tuple[File, ...] = ()
    references: tuple[str, ...] = ()
    issued: str = ""
    created: str = ""
    revised: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    host: str = ""
    publishers: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    number: str = ""
    pages: str = ""
    page_start: str = ""
    page_end: str = ""
    edition: str = ""
    chapter: str = ""
    dois: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    keywords: tuple[Text, ...] = ()
    jel: tuple[str, ...] = ()
    status: str = ""
    restriction: Text | None = None
    landing_pages: tuple[str, ...] = ()
    homepages: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    has_versions: tuple[str, ...] = ()
    version_of: tuple[str, ...] = ()
    has_parts: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    given: str = ""
    family: str = ""
    short_id: str = ""
    name_english: str = ""
    maintainer: str = ""
    postal: str = ""
    location: str = ""
    source_fields: tuple[str, ...] = ()

    @property
    def row(self) -> WorkType:
        """How this type is called elsewhere (types.csv)."""
        return work_types()[self.type]

    @property
    def is_item(self) -> bool:
        """Whether this is a work proper: an item in every format (others: under `rdf` alone)."""
        return self.row.item

    @property
    def date(self) -> str:
        """The date that readers are shown: issued, else created, else empty."""
        return self.issued or self.created

    @property
    def year(self) -> str:
        """Of four digits; empty where the date does not begin with one."""
        return date_parts(self.date)[0]

    @property
    def handle(self) -> str:
        """The RePEc handle, or empty."""
        return self.identifier if is_handle(self.identifier) else ""
